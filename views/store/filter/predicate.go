package filter

import (
	"slices"

	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/stop"
)

// A predicate is a condition made ready for the rows of a base, or for those of a
// version's delta. Rows are counted from the start of the base or delta.
type Predicate interface {
	// Refine takes the rows of a block for which it is not true out of m.
	Refine(block int, m *column.Mask)
	Test(row int) bool
}

type (
	conjunction struct {
		parts []Predicate
		over  stop.Signal
	}
	disjunction struct {
		parts []Predicate
		over  stop.Signal
	}
	constant bool
)

func (c *conjunction) Refine(block int, m *column.Mask) {
	for _, p := range c.parts {
		p.Refine(block, m)
		if m.Empty() || c.over.Asked() {
			return
		}
	}
}

func (c *conjunction) Test(row int) bool {
	for _, p := range c.parts {
		if !p.Test(row) {
			return false
		}
	}
	return true
}

func (d *disjunction) Refine(block int, m *column.Mask) {
	var out column.Mask
	for _, p := range d.parts {
		if d.over.Asked() {
			break
		}
		left := *m
		for w := range left {
			left[w] &^= out[w]
		}
		p.Refine(block, &left)
		out.Or(&left)
	}
	*m = out
}

func (d *disjunction) Test(row int) bool {
	for i, p := range d.parts {
		if i&63 == 63 && d.over.Asked() {
			return false
		}
		if p.Test(row) {
			return true
		}
	}
	return false
}

func (c constant) Refine(_ int, m *column.Mask) {
	if !c {
		*m = column.Mask{}
	}
}

func (c constant) Test(int) bool { return bool(c) }

// prepare turns a condition into a predicate with the given way to treat leaves. Once the
// query is over, what it returns means nothing.
func prepare(c Condition, over stop.Signal, ofLeaf func(Leaf) Predicate) Predicate {
	all := func(conditions []Condition) []Predicate {
		out := make([]Predicate, 0, len(conditions))
		for _, p := range conditions {
			if over.Asked() {
				break
			}
			out = append(out, prepare(p, over, ofLeaf))
		}
		return out
	}
	switch c := c.(type) {
	case AllOf:
		if len(c) == 1 {
			return prepare(c[0], over, ofLeaf)
		}
		return &conjunction{all(c), over}
	case anyOf:
		return &disjunction{all(c), over}
	case Leaf:
		return ofLeaf(c)
	}
	return constant(true)
}

// testEach refines m row by row.
func testEach(p Predicate, block int, m *column.Mask) {
	for i := range m.Each {
		if !p.Test(block<<column.BlockBits | i) {
			m.Clear(i)
		}
	}
}

func (c *conjunction) Excludes(block int) bool {
	for _, p := range c.parts {
		if excludes(p, block) {
			return true
		}
	}
	return false
}

func (d *disjunction) Excludes(block int) bool {
	for _, p := range d.parts {
		if !excludes(p, block) {
			return false
		}
	}
	return true
}

func (c constant) Excludes(int) bool { return !bool(c) }

func (c *conjunction) zoned() bool { return slices.ContainsFunc(c.parts, Zoned) }

func (d *disjunction) zoned() bool {
	return !slices.ContainsFunc(d.parts, func(p Predicate) bool { return !Zoned(p) })
}

func (c constant) zoned() bool { return !bool(c) }
