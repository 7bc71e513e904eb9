package store

import "github.com/tidemark/tidemark/views/store/column"

// A predicate is a condition made ready for the rows of a base, or for those of a
// version's delta. Rows are counted from the start of the base or delta.
type predicate interface {
	// refine takes the rows of a block for which it is not true out of m.
	refine(block int, m *column.Mask)
	test(row int) bool
}

type (
	conjunction struct {
		parts []predicate
		over  stop
	}
	disjunction struct {
		parts []predicate
		over  stop
	}
	constant bool
)

func (c *conjunction) refine(block int, m *column.Mask) {
	for _, p := range c.parts {
		p.refine(block, m)
		if m.Empty() || c.over.asked() {
			return
		}
	}
}

func (c *conjunction) test(row int) bool {
	for _, p := range c.parts {
		if !p.test(row) {
			return false
		}
	}
	return true
}

func (d *disjunction) refine(block int, m *column.Mask) {
	var out column.Mask
	for _, p := range d.parts {
		if d.over.asked() {
			break
		}
		left := *m
		for w := range left {
			left[w] &^= out[w]
		}
		p.refine(block, &left)
		out.Or(&left)
	}
	*m = out
}

func (d *disjunction) test(row int) bool {
	for i, p := range d.parts {
		if i&63 == 63 && d.over.asked() {
			return false
		}
		if p.test(row) {
			return true
		}
	}
	return false
}

func (c constant) refine(_ int, m *column.Mask) {
	if !c {
		*m = column.Mask{}
	}
}

func (c constant) test(int) bool { return bool(c) }

// prepare turns a condition into a predicate with the given way to treat leaves. Once the
// query is over, what it returns means nothing.
func prepare(c condition, over stop, ofLeaf func(leaf) predicate) predicate {
	all := func(conditions []condition) []predicate {
		out := make([]predicate, 0, len(conditions))
		for _, p := range conditions {
			if over.asked() {
				break
			}
			out = append(out, prepare(p, over, ofLeaf))
		}
		return out
	}
	switch c := c.(type) {
	case allOf:
		if len(c) == 1 {
			return prepare(c[0], over, ofLeaf)
		}
		return &conjunction{all(c), over}
	case anyOf:
		return &disjunction{all(c), over}
	case leaf:
		return ofLeaf(c)
	}
	return constant(true)
}

// testEach refines m row by row.
func testEach(p predicate, block int, m *column.Mask) {
	for i := range m.Each {
		if !p.test(block<<column.BlockBits | i) {
			m.Clear(i)
		}
	}
}
