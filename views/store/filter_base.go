package store

import (
	"slices"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// prepareBase returns the predicate of a condition over the rows of b, of which
// about rows will be looked at.
func prepareBase(c condition, b *base, rows int, over stop) predicate {
	return prepare(c, over, func(l leaf) predicate { return b.leaf(l, rows, over) })
}

// baseLeaf adds the nulls to a predicate over present values.
type baseLeaf struct {
	values predicate
	col    *column.Column
	nulls  bool
}

func (p *baseLeaf) refine(block int, m *column.Mask) {
	valid := p.col.Valid.Block(block)
	if !p.nulls {
		m.AndWords(valid)
		if !m.Empty() {
			p.values.refine(block, m)
		}
		return
	}
	absent := *m
	absent.AndNotWords(valid)
	m.AndWords(valid)
	p.values.refine(block, m)
	m.Or(&absent)
}

func (p *baseLeaf) test(row int) bool {
	if !p.col.Valid.Get(row) {
		return p.nulls
	}
	return p.values.test(row)
}

func (b *base) leaf(l leaf, rows int, over stop) predicate {
	col := &b.cols[l.col]
	values := columnPredicate(col, l, rows, over)
	if col.Valid == nil {
		return values
	}
	return &baseLeaf{values: values, col: col, nulls: l.nulls}
}

// columnPredicate returns the leaf's predicate over values that are present.
func columnPredicate(c *column.Column, l leaf, rows int, over stop) predicate {
	switch t := l.test.(type) {
	case intRange:
		return newPackedRange(c, t, l.not)
	case intSet:
		return newPackedSet(c, t.values, l.not)
	case wideTest:
		return &rowTest{over, func(row int) bool { return t.match(c.Wide(row)) != l.not }}
	case textTest:
		return textPredicate(c, t, l.not, rows, over)
	}
	return constant(!l.not)
}

// rowTest is a predicate that looks at one row after the other.
type rowTest struct {
	over  stop
	match func(row int) bool
}

func (p *rowTest) test(row int) bool { return p.match(row) }

// refine looks up now and then: a row may have a text of megabytes.
func (p *rowTest) refine(block int, m *column.Mask) {
	for i := range m.Each {
		if i&15 == 0 && p.over.asked() {
			return
		}
		if !p.match(block<<column.BlockBits | i) {
			m.Clear(i)
		}
	}
}

func textPredicate(c *column.Column, t textTest, not bool, rows int, over stop) predicate {
	d := c.Dict
	if d == nil && len(t.equal) == 1 {
		return &arenaEquals{texts: c.Texts, text: t.equal[0], not: not}
	}
	if d == nil {
		return &rowTest{over, func(row int) bool { return t.match(c.Texts.Text(row)) != not }}
	}
	switch {
	case t.order != nil:
		return newPackedRange(c, dictionaryRange(d, *t.order), not)
	case t.equal != nil:
		codes := make([]int64, 0, len(t.equal))
		for _, s := range t.equal {
			if code, ok := d.Find(s); ok {
				codes = append(codes, int64(code))
			}
		}
		slices.Sort(codes)
		return newPackedSet(c, codes, not)
	case d.Len() > rows:
		return &rowTest{over, func(row int) bool { return t.match(c.Text(row)) != not }}
	}
	var codes []int64
	for code := range d.Len() {
		if code&15 == 15 && over.asked() {
			break
		}
		if t.match(d.Text(code)) {
			codes = append(codes, int64(code))
		}
	}
	return newPackedSet(c, codes, not)
}

// arenaEquals is true for one text of an arena.
type arenaEquals struct {
	texts *column.Arena
	text  string
	not   bool
}

func (p *arenaEquals) test(row int) bool { return (p.texts.Text(row) == p.text) != p.not }

func (p *arenaEquals) refine(block int, m *column.Mask) {
	if m.Count() <= few || p.text == "" || len(p.text) > column.LongText || p.texts.Highs != nil {
		testEach(p, block, m)
		return
	}
	var in column.Mask
	buf, ends := p.texts.Blocks[block], p.texts.Ends[block<<column.BlockBits:(block+1)<<column.BlockBits]
	last, from := p.text[len(p.text)-1], 0
	for i, end := range ends {
		to := int(end)
		// Lengths and last bytes tell most texts apart without a call.
		if to-from == len(p.text) && buf[to-1] == last && string(buf[from:to]) == p.text {
			in[i>>6] |= 1 << (i & 63)
		}
		from = max(from, to)
	}
	if p.not {
		m.AndNotWords(in[:])
	} else {
		m.And(&in)
	}
}

// dictionaryRange returns the codes of the texts that compare so.
func dictionaryRange(d *column.Dictionary, o textOrder) intRange {
	at, found := d.Find(o.text)
	next := at
	if found {
		next++
	}
	switch o.op {
	case query.Lt:
		return intRange{0, int64(at) - 1}
	case query.Lte:
		return intRange{0, int64(next) - 1}
	case query.Gt:
		return intRange{int64(next), int64(d.Len()) - 1}
	case query.Gte:
		return intRange{int64(at), int64(d.Len()) - 1}
	}
	return intRange{int64(at), int64(next) - 1}
}
