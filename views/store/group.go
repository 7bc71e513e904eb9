package store

import (
	"context"
	"encoding/binary"

	"github.com/tidemark/tidemark/views/query"
)

// aggregate answers a query with aggregates: every goroutine of the scan groups what
// it reads, and the groups are merged.
func (s *Snapshot) aggregate(ctx context.Context, q *query.Query) (*Result, error) {
	outputs, err := s.v.layout.outputs(q)
	if err != nil {
		return nil, err
	}
	rows, err := newGroupRows(s.v, q, outputs)
	if err != nil {
		return nil, err
	}
	scan, err := s.v.scan(q, s.cores)
	if err != nil {
		return nil, err
	}
	var sinks []*grouping
	err = scan.run(ctx, func() sink {
		g := newGrouping(s.v, outputs)
		sinks = append(sinks, g)
		return g
	})
	if err != nil {
		return nil, err
	}
	all := sinks[0]
	for _, g := range sinks[1:] {
		all.merge(g)
	}
	more, err := rows.fill(ctx, all)
	if err != nil {
		return nil, err
	}
	return &Result{Outputs: outputs, RowsRead: scan.read.Load(), More: more, groups: rows}, nil
}

// grouping gives the rows it takes to the accumulators of their groups.
type grouping struct {
	v       *version
	by      []*coder // one per plain column
	pairs   []*pairCoder
	first   []ref // a row of each group
	acc     []accumulator
	outputs []query.Output

	// Of the block at work: the rows taken, and their groups.
	at     []uint16
	groups []uint32
	codes  []uint32
	ints   [blockRows]int64
}

func newGrouping(v *version, outputs []query.Output) *grouping {
	g := &grouping{v: v, outputs: outputs, at: make([]uint16, 0, blockRows), groups: make([]uint32, blockRows), codes: make([]uint32, blockRows)}
	for _, o := range outputs {
		if o.Aggregate == query.AggregateNone {
			g.by = append(g.by, newCoder(v, o.Column))
			if len(g.by) > 1 {
				g.pairs = append(g.pairs, newPairCoder())
			}
			continue
		}
		g.acc = append(g.acc, newAccumulator(v, o))
	}
	return g
}

func (g *grouping) take(block int, inDelta bool, m *mask) {
	g.at = g.at[:0]
	for i := range m.each {
		g.at = append(g.at, uint16(i))
	}
	b := batchOfRows{v: g.v, block: block, inDelta: inDelta, at: g.at, scratch: &g.ints}
	groups := g.groupsOf(&b)
	for _, a := range g.acc {
		a.grow(len(g.first))
		a.add(&b, groups)
	}
}

// groupsOf returns the group of each row of b.
func (g *grouping) groupsOf(b *batchOfRows) []uint32 {
	groups := g.groups[:len(b.at)]
	if len(g.by) == 0 {
		clear(groups)
		if len(g.first) == 0 {
			g.first = append(g.first, b.ref(0))
		}
		return groups
	}
	g.by[0].codes(b, groups)
	for i, p := range g.pairs {
		codes := g.codes[:len(b.at)]
		g.by[i+1].codes(b, codes)
		p.join(groups, codes)
	}
	for i, group := range groups {
		if int(group) == len(g.first) {
			g.first = append(g.first, b.ref(i))
		}
	}
	return groups
}

// merge adds the groups of another grouping of the same version.
func (g *grouping) merge(o *grouping) {
	to := make([]uint32, len(o.first))
	for i, r := range o.first {
		g.at = append(g.at[:0], uint16(r.row()&(blockRows-1)))
		b := batchOfRows{v: g.v, block: r.row() >> blockBits, inDelta: r.inDelta(), at: g.at, scratch: &g.ints}
		to[i] = g.groupsOf(&b)[0]
	}
	for i, a := range g.acc {
		a.grow(len(g.first))
		a.merge(o.acc[i], to)
	}
}

// batchOfRows are some rows of one block.
type batchOfRows struct {
	v       *version
	block   int
	inDelta bool
	at      []uint16
	scratch *[blockRows]int64
}

func (b *batchOfRows) ref(i int) ref { return refOf(b.block, int(b.at[i]), b.inDelta) }

// ints returns a block's int64s of a column, at their places. Those of null rows and
// of rows that were not taken mean nothing.
func (b *batchOfRows) ints(col int) *[blockRows]int64 {
	switch {
	case b.inDelta:
		ints := b.v.chunks[b.block].cols[col].ints
		for _, i := range b.at {
			b.scratch[i] = int64(ints[i])
		}
	case len(b.at) <= few:
		ints := &b.v.base.cols[col].ints
		for _, i := range b.at {
			b.scratch[i] = ints.at(b.block<<blockBits | int(i))
		}
	default:
		b.v.base.cols[col].ints.unpack(b.block, b.scratch)
	}
	return b.scratch
}

// nullable reports whether rows of the block may be null in a column.
func (b *batchOfRows) nullable(col int) bool { return b.inDelta || b.v.base.cols[col].valid != nil }

func (b *batchOfRows) isNull(col, at int) bool {
	if b.inDelta {
		return b.v.chunks[b.block].cols[col].states[at] != present
	}
	return b.v.base.cols[col].isNull(b.block<<blockBits | at)
}

// appendGroup appends bytes that are the same for equal values of a column.
func (v *version) appendGroup(dst []byte, r ref, col int) []byte {
	if v.isNull(r, col) {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	switch v.layout.forms[col] {
	case formInt:
		return binary.BigEndian.AppendUint64(dst, uint64(v.int(r, col)))
	case formWide:
		w := v.wide(r, col)
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, uint64(w.hi)), w.lo)
	}
	s := v.text(r, col)
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
