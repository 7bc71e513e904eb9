package store

import "github.com/tidemark/tidemark/views/store/column"

// prepareDelta returns the predicate of a condition over the delta of v.
func prepareDelta(c condition, v *version, over stop) predicate {
	return prepare(c, over, func(l leaf) predicate { return v.deltaLeaf(l, over) })
}

func (v *version) deltaLeaf(l leaf, over stop) predicate {
	p := &chunkTest{over: over, chunks: v.chunks, leaf: l}
	switch t := l.test.(type) {
	case intRange:
		if t.low > t.high {
			p.match = func(*column.Chunk, int) bool { return false }
			return p
		}
		from, width := uint64(t.low), uint64(t.high)-uint64(t.low)
		p.ranged, p.from, p.width = true, from, width
		p.match = func(c *column.Chunk, i int) bool { return c.Ints[i]-from <= width }
	case intSet:
		set := column.NewHashSet(t.values)
		p.match = func(c *column.Chunk, i int) bool { return set.Has(int64(c.Ints[i])) }
	case wideTest:
		p.match = func(c *column.Chunk, i int) bool { return t.match(c.Wide(i)) }
	case textTest:
		p.match = func(c *column.Chunk, i int) bool { return t.match(c.Text(i)) }
	default:
		p.match = func(*column.Chunk, int) bool { return true }
	}
	return p
}

// chunkTest is a leaf over the entries of a delta.
type chunkTest struct {
	over        stop
	chunks      []*chunk
	leaf        leaf
	match       func(c *column.Chunk, i int) bool
	ranged      bool // match is a range
	from, width uint64
}

func (p *chunkTest) test(row int) bool {
	ch, i := at(p.chunks, row)
	return p.one(&ch.cols[p.leaf.col], i)
}

func (p *chunkTest) one(c *column.Chunk, i int) bool {
	if c.States[i] != column.Present {
		return p.leaf.nulls
	}
	return p.match(c, i) != p.leaf.not
}

func (p *chunkTest) refine(block int, m *column.Mask) {
	col := &p.chunks[block].cols[p.leaf.col]
	// Entries behind the reader's version are still being written: only whole
	// chunks can be looked at without the mask.
	if p.ranged && !p.leaf.not && !p.leaf.nulls && m.Count() > few && block < len(p.chunks)-1 {
		var in column.Mask
		markRange(&in, col.Ints, p.from, p.width)
		m.And(&in)
	}
	for i := range m.Each {
		if i&15 == 0 && p.over.asked() {
			return
		}
		if !p.one(col, i) {
			m.Clear(i)
		}
	}
}
