package store

// A predicate is a condition made ready for the rows of a base, or for those of a
// version's delta. Rows are counted from the start of the base or delta.
type predicate interface {
	// refine takes the rows of a block for which it is not true out of m.
	refine(block int, m *mask)
	test(row int) bool
}

type (
	conjunction []predicate
	disjunction []predicate
	constant    bool
)

func (c conjunction) refine(block int, m *mask) {
	for _, p := range c {
		p.refine(block, m)
		if m.empty() {
			return
		}
	}
}

func (c conjunction) test(row int) bool {
	for _, p := range c {
		if !p.test(row) {
			return false
		}
	}
	return true
}

func (d disjunction) refine(block int, m *mask) {
	var out mask
	for _, p := range d {
		left := *m
		for w := range left {
			left[w] &^= out[w]
		}
		p.refine(block, &left)
		out.or(&left)
	}
	*m = out
}

func (d disjunction) test(row int) bool {
	for _, p := range d {
		if p.test(row) {
			return true
		}
	}
	return false
}

func (c constant) refine(_ int, m *mask) {
	if !c {
		*m = mask{}
	}
}

func (c constant) test(int) bool { return bool(c) }

// prepare turns a condition into a predicate with the given way to treat leaves.
func prepare(c condition, ofLeaf func(leaf) predicate) predicate {
	switch c := c.(type) {
	case allOf:
		if len(c) == 1 {
			return prepare(c[0], ofLeaf)
		}
		out := make(conjunction, 0, len(c))
		for _, p := range c {
			out = append(out, prepare(p, ofLeaf))
		}
		return out
	case anyOf:
		out := make(disjunction, 0, len(c))
		for _, p := range c {
			out = append(out, prepare(p, ofLeaf))
		}
		return out
	case leaf:
		return ofLeaf(c)
	}
	return constant(true)
}

// testEach refines m row by row.
func testEach(p predicate, block int, m *mask) {
	for i := range m.each {
		if !p.test(block<<blockBits | i) {
			m.clear(i)
		}
	}
}
