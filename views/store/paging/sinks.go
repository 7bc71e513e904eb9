package paging

import (
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
)

// collectings are the sinks of one query.
type collectings struct {
	*rows
	wanted int
	after  *query.Bookmark
	all    []*collecting
}

func (c *collectings) add() scan.Sink {
	s := &collecting{order: c.order, to: newCollector(c.order, c.wanted, c.query.LimitBy, c.scan.Over), after: c.after}
	c.all = append(c.all, s)
	return s
}

// merged returns what all sinks have kept.
func (c *collectings) merged() collector {
	first := c.all[0].to
	for _, s := range c.all[1:] {
		first.merge(s.to)
	}
	return first
}

// sorted returns what is kept, in order. Where everything is, it leaves out the rows that the
// query's offset passes over, so that no more is held at once than has to be.
func (c *collectings) sorted() []mvcc.Entry {
	all := c.merged()
	r, ok := all.(*runs)
	if !ok || c.query.LimitBy != nil {
		return all.sorted()
	}
	c.skipped = c.query.Offset
	limit := c.wanted
	if limit >= 0 {
		limit -= c.skipped
	}
	return r.merged(c.skipped, limit)
}

// collecting is the sink of a collector.
type collecting struct {
	order *mvcc.Ordering
	to    collector
	after *query.Bookmark
}

// Take implements scan.Sink.
func (c *collecting) Take(block int, inDelta bool, m *column.Mask) {
	switch worst := c.to.worst(); {
	case worst == nil:
	case inDelta:
		narrowDelta(c.order, worst, block, m)
	default:
		narrow(c.order, worst, block, m)
	}
	for i := range m.Each {
		c.TakeRow(mvcc.RefOf(block, i, inDelta))
	}
}

// TakeRow asks a scan to take single rows are taken sooner than blocks of one.
func (c *collecting) TakeRow(r mvcc.Ref) {
	if c.after != nil && c.order.CompareBookmark(r, c.after) <= 0 {
		return
	}
	c.to.add(c.order.Entry(r))
}

// Wants lets a scan pass over a block: once as many rows are kept as are asked for, one whose
// values all come behind the last of them has nothing.
func (c *collecting) Wants(block int) bool {
	worst := c.to.worst()
	return worst == nil || mayHave(c.order, worst, block)
}
