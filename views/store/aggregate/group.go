package aggregate

import (
	"slices"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/stop"
)

// grouping gives the rows it takes to the accumulators of their groups.
type grouping struct {
	v       *mvcc.Version
	by      []*coder // one per plain column
	columns []int    // theirs
	pairs   []*pairCoder
	acc     []accumulator
	first   []mvcc.Ref // a row of each group
	sizes              // of the groups

	// Of the block at work: the places of the rows taken, and their groups.
	at     []uint16
	groups []uint32
	codes  []uint32
	ints   [column.BlockRows]int64
}

// wholeBlock are the places of all rows of a block.
var wholeBlock = func() (at [column.BlockRows]uint16) {
	for i := range at {
		at[i] = uint16(i)
	}
	return at
}()

func newGrouping(v *mvcc.Version, outputs []query.Output) *grouping {
	g := &grouping{
		v: v, first: []mvcc.Ref{mvcc.NoRef}, sizes: sizes{n: make([]int64, 1)},
		at: make([]uint16, 0, column.BlockRows), groups: make([]uint32, column.BlockRows), codes: make([]uint32, column.BlockRows),
	}
	aggregates, _ := distinctAggregates(outputs)
	for _, o := range aggregates {
		g.acc = append(g.acc, newAccumulator(v, &g.sizes, o))
	}
	for _, o := range outputs {
		if o.Aggregate != query.AggregateNone || slices.Contains(g.columns, o.Column) {
			continue // under another name it makes the same groups
		}
		g.by, g.columns = append(g.by, newCoder(v, o.Column)), append(g.columns, o.Column)
		if len(g.by) > 1 {
			g.pairs = append(g.pairs, newPairCoder())
		}
	}
	return g
}

// take adds rows of a block.
func (g *grouping) take(block int, inDelta bool, m *column.Mask) {
	b := batchOfRows{v: g.v, block: block, inDelta: inDelta, scratch: &g.ints}
	if b.all = !inDelta && (block+1)<<column.BlockBits <= g.v.Base.Rows && m.Count() > column.BlockRows/2; b.all {
		b.at = wholeBlock[:]
	} else {
		g.at = m.Places(g.at[:0])
		b.at = g.at
	}
	groups := g.groupsOf(&b)
	if b.all {
		m.Invert()
		for i := range m.Each {
			groups[i] = nowhere
		}
	}
	countGroups(g.n, groups)
	for _, a := range g.acc {
		a.grow(len(g.first))
		a.add(&b, groups)
	}
}

// groupsOf returns the group of each row of b.
func (g *grouping) groupsOf(b *batchOfRows) []uint32 {
	groups := g.groups[:len(b.at)]
	if len(g.by) == 0 {
		for i := range groups {
			groups[i] = nowhere + 1
		}
	} else {
		g.by[0].codes(b, groups)
		for i, p := range g.pairs {
			codes := g.codes[:len(b.at)]
			g.by[i+1].codes(b, codes)
			p.join(groups, codes)
		}
	}
	g.meet(b, groups)
	return groups
}

// meet notes a row of each group that was not met before: groups are numbered in the
// order in which they are met.
func (g *grouping) meet(b *batchOfRows, groups []uint32) {
	count := uint32(len(g.first))
	if g.last() < count {
		return
	}
	for i, group := range groups {
		if group >= count {
			g.first = append(g.first, b.ref(i))
			count++
		}
	}
	g.n = extend(g.n, len(g.first))
}

// last returns the highest group that was given out.
func (g *grouping) last() uint32 {
	switch n := len(g.pairs); {
	case n > 0:
		return g.pairs[n-1].last
	case len(g.by) > 0:
		return g.by[0].last
	}
	return nowhere + 1
}

// merge adds the groups of another grouping of the same version, until the query is over.
func (g *grouping) merge(o *grouping, over stop.Signal) {
	to := make([]uint32, len(o.first))
	if len(g.by) == 1 {
		g.mergeDirect(o, to)
	}
	var at [1]uint16
	for i, r := range o.first {
		if i%stop.Step == 0 && over.Asked() {
			return
		}
		if i == nowhere || to[i] != nowhere {
			continue
		}
		at[0] = uint16(r.Row() & (column.BlockRows - 1))
		b := batchOfRows{v: g.v, block: r.Row() >> column.BlockBits, inDelta: r.InDelta(), at: at[:], scratch: &g.ints}
		to[i] = g.groupsOf(&b)[0]
	}
	g.n = extend(g.n, len(g.first))
	for i, n := range o.n {
		g.n[to[i]] += n
	}
	for i, a := range g.acc {
		if over.Asked() {
			return
		}
		a.grow(len(g.first))
		a.merge(o.acc[i], to)
		o.acc[i] = nil // its memory is not needed any more
	}
}

// mergeDirect finds the groups of values that have a place in both tables, without a
// look at a row.
func (g *grouping) mergeDirect(o *grouping, to []uint32) {
	mine := g.by[0]
	for place, group := range o.by[0].direct {
		if group == 0 {
			continue
		}
		if mine.direct[place] == 0 {
			mine.direct[place] = mine.fresh()
			g.first = append(g.first, o.first[group])
		}
		to[group] = mine.direct[place]
	}
}
