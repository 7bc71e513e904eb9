package store

import "github.com/tidemark/tidemark/views/store/column"

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
	if col.Zones == nil || col.Valid != nil && t.NullsFirst {
		return true
	}
	low, high := max(in.low, col.Ints.Low), min(in.high, col.Ints.High())
	if low > high {
		return false
	}
	none, _ := col.Zones[block].Within(uint64(low)-uint64(col.Ints.Low), uint64(high)-uint64(col.Ints.Low))
	return !none
}

// narrow takes the rows that cannot come before the last one kept out of m.
func (c *collecting) narrow(block int, m *column.Mask) {
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
	if col.Valid == nil {
		values.refine(block, m)
		return
	}
	nulls := baseLeaf{values: values, col: col, nulls: t.NullsFirst} // first, they come before every value
	nulls.refine(block, m)
}

// narrowDelta is narrow for entries of the delta.
func (c *collecting) narrowDelta(block int, m *column.Mask) {
	worst := c.to.worst()
	if worst == nil || len(c.order.terms) == 0 {
		return
	}
	t := c.order.terms[0]
	if c.order.v.layout.forms[t.Column] != column.FormInt || worst.rank != btou(t.NullsFirst) {
		return
	}
	in, col := c.order.upTo(worst), &c.order.v.chunks[block].cols[t.Column]
	for i := range m.Each {
		if col.States[i] != column.Present {
			if !t.NullsFirst {
				m.Clear(i)
			}
			continue
		}
		if x := int64(col.Ints[i]); x < in.low || x > in.high {
			m.Clear(i)
		}
	}
}
