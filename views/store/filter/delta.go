package filter

import (
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/stop"
)

// delta has the columns of what was appended, a block at a time.
type Delta interface {
	Blocks() int
	Chunk(block, col int) *column.Chunk
}

// OverDelta returns the predicate of a condition over a delta.
func OverDelta(c Condition, d Delta, over stop.Signal) Predicate {
	return prepare(c, over, func(l Leaf) Predicate { return deltaLeaf(d, l, over) })
}

func deltaLeaf(d Delta, l Leaf, over stop.Signal) Predicate {
	p := &chunkTest{over: over, delta: d, leaf: l}
	switch t := l.Test.(type) {
	case IntRange:
		if t.Low > t.High {
			p.match = func(*column.Chunk, int) bool { return false }
			return p
		}
		from, width := uint64(t.Low), uint64(t.High)-uint64(t.Low)
		p.ranged, p.from, p.width = true, from, width
		p.match = func(c *column.Chunk, i int) bool { return c.Ints[i]-from <= width }
	case IntSet:
		set := column.NewHashSet(t.Values)
		p.match = func(c *column.Chunk, i int) bool { return set.Has(int64(c.Ints[i])) }
	case WideTest:
		p.match = func(c *column.Chunk, i int) bool { return t.match(c.Wide(i)) }
	case TextTest:
		p.match = func(c *column.Chunk, i int) bool { return t.match(c.Text(i)) }
	default:
		p.match = func(*column.Chunk, int) bool { return true }
	}
	return p
}

// chunkTest is a leaf over the entries of a delta.
type chunkTest struct {
	over        stop.Signal
	delta       Delta
	leaf        Leaf
	match       func(c *column.Chunk, i int) bool
	ranged      bool // match is a range
	from, width uint64
}

func (p *chunkTest) Test(row int) bool {
	return p.one(p.delta.Chunk(row>>column.BlockBits, p.leaf.Col), row&(column.BlockRows-1))
}

func (p *chunkTest) one(c *column.Chunk, i int) bool {
	if c.States[i] != column.Present {
		return p.leaf.Nulls
	}
	return p.match(c, i) != p.leaf.Not
}

func (p *chunkTest) Refine(block int, m *column.Mask) {
	col := p.delta.Chunk(block, p.leaf.Col)
	// Entries behind the reader's version are still being written: only whole
	// chunks can be looked at without the mask.
	if p.ranged && !p.leaf.Not && !p.leaf.Nulls && m.Count() > few && block < p.delta.Blocks()-1 {
		var in column.Mask
		markRange(&in, col.Ints, p.from, p.width)
		m.And(&in)
	}
	for i := range m.Each {
		if i&15 == 0 && p.over.Asked() {
			return
		}
		if !p.one(col, i) {
			m.Clear(i)
		}
	}
}
