package store

import (
	"slices"

	"github.com/tidemark/tidemark/views/query"
)

// prepareBase returns the predicate of a condition over the rows of b, of which
// about rows will be looked at.
func prepareBase(c condition, b *base, rows int, over stop) predicate {
	return prepare(c, over, func(l leaf) predicate { return b.leaf(l, rows, over) })
}

// baseLeaf adds the nulls to a predicate over present values.
type baseLeaf struct {
	values predicate
	col    *column
	nulls  bool
}

func (p *baseLeaf) refine(block int, m *mask) {
	valid := p.col.valid.block(block)
	if !p.nulls {
		m.andWords(valid)
		if !m.empty() {
			p.values.refine(block, m)
		}
		return
	}
	absent := *m
	absent.andNotWords(valid)
	m.andWords(valid)
	p.values.refine(block, m)
	m.or(&absent)
}

func (p *baseLeaf) test(row int) bool {
	if !p.col.valid.get(row) {
		return p.nulls
	}
	return p.values.test(row)
}

func (b *base) leaf(l leaf, rows int, over stop) predicate {
	col := &b.cols[l.col]
	values := col.predicate(l, rows, over)
	if col.valid == nil {
		return values
	}
	return &baseLeaf{values: values, col: col, nulls: l.nulls}
}

// predicate returns the leaf's predicate over values that are present.
func (c *column) predicate(l leaf, rows int, over stop) predicate {
	switch t := l.test.(type) {
	case intRange:
		return newPackedRange(c, t, l.not)
	case intSet:
		return newPackedSet(c, t.values, l.not)
	case wideTest:
		return &rowTest{over, func(row int) bool { return t.match(c.wide(row)) != l.not }}
	case textTest:
		return c.textPredicate(t, l.not, rows, over)
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
func (p *rowTest) refine(block int, m *mask) {
	for i := range m.each {
		if i&15 == 0 && p.over.asked() {
			return
		}
		if !p.match(block<<blockBits | i) {
			m.clear(i)
		}
	}
}

func (c *column) textPredicate(t textTest, not bool, rows int, over stop) predicate {
	d := c.dict
	if d == nil && len(t.equal) == 1 {
		return &arenaEquals{texts: c.texts, text: t.equal[0], not: not}
	}
	if d == nil {
		return &rowTest{over, func(row int) bool { return t.match(c.texts.text(row)) != not }}
	}
	switch {
	case t.order != nil:
		return newPackedRange(c, d.codes(*t.order), not)
	case t.equal != nil:
		codes := make([]int64, 0, len(t.equal))
		for _, s := range t.equal {
			if code, ok := d.find(s); ok {
				codes = append(codes, int64(code))
			}
		}
		slices.Sort(codes)
		return newPackedSet(c, codes, not)
	case d.len() > rows:
		return &rowTest{over, func(row int) bool { return t.match(c.text(row)) != not }}
	}
	var codes []int64
	for code := range d.len() {
		if code&15 == 15 && over.asked() {
			break
		}
		if t.match(d.text(code)) {
			codes = append(codes, int64(code))
		}
	}
	return newPackedSet(c, codes, not)
}

// arenaEquals is true for one text of an arena.
type arenaEquals struct {
	texts *arena
	text  string
	not   bool
}

func (p *arenaEquals) test(row int) bool { return (p.texts.text(row) == p.text) != p.not }

func (p *arenaEquals) refine(block int, m *mask) {
	if m.count() <= few || p.text == "" || len(p.text) > longText || p.texts.highs != nil {
		testEach(p, block, m)
		return
	}
	var in mask
	buf, ends := p.texts.blocks[block], p.texts.ends[block<<blockBits:(block+1)<<blockBits]
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
		m.andNotWords(in[:])
	} else {
		m.and(&in)
	}
}

// codes returns the codes of the texts that compare so.
func (d *dictionary) codes(o textOrder) intRange {
	at, found := d.find(o.text)
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
		return intRange{int64(next), int64(d.len()) - 1}
	case query.Gte:
		return intRange{int64(at), int64(d.len()) - 1}
	}
	return intRange{int64(at), int64(next) - 1}
}
