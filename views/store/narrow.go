package store

// wants implements pickySink: once as many rows are kept as are asked for, a block whose
// values all come behind the last of them has nothing.
func (c *collecting) wants(block int) bool {
	worst := c.to.worst()
	if worst == nil {
		return true
	}
	in, ok := c.order.within(worst)
	if !ok {
		return true
	}
	t := c.order.terms[0]
	col := &c.order.v.base.cols[t.Column]
	if col.zones == nil || col.valid != nil && t.NullsFirst {
		return true
	}
	low, high := max(in.low, col.ints.low), min(in.high, col.ints.high())
	if low > high {
		return false
	}
	none, _ := col.zones[block].within(uint64(low)-uint64(col.ints.low), uint64(high)-uint64(col.ints.low))
	return !none
}

// narrow takes the rows that cannot come before the last one kept out of m.
func (c *collecting) narrow(block int, m *mask) {
	worst := c.to.worst()
	if worst == nil {
		return
	}
	in, ok := c.order.within(worst)
	if !ok {
		return
	}
	t := c.order.terms[0]
	col := &c.order.v.base.cols[t.Column]
	values := newPackedRange(col, in, false)
	if col.valid == nil {
		values.refine(block, m)
		return
	}
	nulls := baseLeaf{values: values, col: col, nulls: t.NullsFirst} // first, they come before every value
	nulls.refine(block, m)
}

// narrowDelta is narrow for entries of the delta.
func (c *collecting) narrowDelta(block int, m *mask) {
	worst := c.to.worst()
	if worst == nil || len(c.order.terms) == 0 {
		return
	}
	t := c.order.terms[0]
	if c.order.v.layout.forms[t.Column] != formInt || worst.rank != btou(t.NullsFirst) {
		return
	}
	in, col := c.order.upTo(worst), &c.order.v.chunks[block].cols[t.Column]
	for i := range m.each {
		if col.states[i] != present {
			if !t.NullsFirst {
				m.clear(i)
			}
			continue
		}
		if x := int64(col.ints[i]); x < in.low || x > in.high {
			m.clear(i)
		}
	}
}
