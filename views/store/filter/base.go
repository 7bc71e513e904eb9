package filter

import (
	"slices"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/stop"
)

// OverBase returns the predicate of a condition over the rows of a base, of which
// about rows will be looked at.
func OverBase(c Condition, cols []column.Column, rows int, over stop.Signal) Predicate {
	return prepare(c, over, func(l Leaf) Predicate { return leafOf(&cols[l.Col], l, rows, over) })
}

// baseLeaf adds the nulls to a predicate over present values.
type baseLeaf struct {
	values Predicate
	col    *column.Column
	nulls  bool
}

func (p *baseLeaf) Refine(block int, m *column.Mask) {
	valid := p.col.Valid.Block(block)
	if !p.nulls {
		m.AndWords(valid)
		if !m.Empty() {
			p.values.Refine(block, m)
		}
		return
	}
	absent := *m
	absent.AndNotWords(valid)
	m.AndWords(valid)
	p.values.Refine(block, m)
	m.Or(&absent)
}

func (p *baseLeaf) Test(row int) bool {
	if !p.col.Valid.Get(row) {
		return p.nulls
	}
	return p.values.Test(row)
}

func leafOf(col *column.Column, l Leaf, rows int, over stop.Signal) Predicate {
	values := columnPredicate(col, l, rows, over)
	if col.Valid == nil {
		return values
	}
	return &baseLeaf{values: values, col: col, nulls: l.Nulls}
}

// columnPredicate returns the leaf's predicate over values that are present.
func columnPredicate(c *column.Column, l Leaf, rows int, over stop.Signal) Predicate {
	switch t := l.Test.(type) {
	case IntRange:
		return newPackedRange(c, t, l.Not)
	case IntSet:
		return newPackedSet(c, t.Values, l.Not)
	case WideTest:
		return &rowTest{over, func(row int) bool { return t.match(c.Wide(row)) != l.Not }}
	case TextTest:
		return textPredicate(c, t, l.Not, rows, over)
	}
	return constant(!l.Not)
}

// rowTest is a predicate that looks at one row after the other.
type rowTest struct {
	over  stop.Signal
	match func(row int) bool
}

func (p *rowTest) Test(row int) bool { return p.match(row) }

// Refine looks up now and then: a row may have a text of megabytes.
func (p *rowTest) Refine(block int, m *column.Mask) {
	for i := range m.Each {
		if i&15 == 0 && p.over.Asked() {
			return
		}
		if !p.match(block<<column.BlockBits | i) {
			m.Clear(i)
		}
	}
}

func textPredicate(c *column.Column, t TextTest, not bool, rows int, over stop.Signal) Predicate {
	d := c.Dict
	if d == nil && len(t.Equal) == 1 {
		return &arenaEquals{texts: c.Texts, text: t.Equal[0], not: not}
	}
	if d == nil {
		return &rowTest{over, func(row int) bool { return t.match(c.Texts.Text(row)) != not }}
	}
	switch {
	case t.Order != nil:
		return newPackedRange(c, DictionaryRange(d, *t.Order), not)
	case t.Equal != nil:
		codes := make([]int64, 0, len(t.Equal))
		for _, s := range t.Equal {
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
		if code&15 == 15 && over.Asked() {
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

func (p *arenaEquals) Test(row int) bool { return (p.texts.Text(row) == p.text) != p.not }

func (p *arenaEquals) Refine(block int, m *column.Mask) {
	if m.Count() <= few || p.text == "" || len(p.text) > column.LongText || p.texts.Highs != nil {
		testEach(p, block, m)
		return
	}
	var in column.Mask
	buf, ends := p.texts.Blocks[block], p.texts.Ends[block<<column.BlockBits:(block+1)<<column.BlockBits]
	last, from := p.text[len(p.text)-1], 0
	for i, end := range ends {
		to := int(end)
		// Lengths and last bytes distinguish most texts without a call.
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

// DictionaryRange returns the codes of the texts that compare so.
func DictionaryRange(d *column.Dictionary, o TextOrder) IntRange {
	at, found := d.Find(o.Text)
	next := at
	if found {
		next++
	}
	switch o.Op {
	case query.Lt:
		return IntRange{0, int64(at) - 1}
	case query.Lte:
		return IntRange{0, int64(next) - 1}
	case query.Gt:
		return IntRange{int64(next), int64(d.Len()) - 1}
	case query.Gte:
		return IntRange{int64(at), int64(d.Len()) - 1}
	}
	return IntRange{int64(at), int64(next) - 1}
}

// Within is true for the values of a column in a range, and for nulls where it is asked to.
func Within(col *column.Column, in IntRange, nulls bool) Predicate {
	values := newPackedRange(col, in, false)
	if col.Valid == nil {
		return values
	}
	return &baseLeaf{values: values, col: col, nulls: nulls}
}

func (p *baseLeaf) Excludes(block int) bool { return !p.nulls && excludes(p.values, block) }

func (p *baseLeaf) zoned() bool { return !p.nulls && Zoned(p.values) }
