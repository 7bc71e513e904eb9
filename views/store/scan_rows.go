package store

import (
	"context"
	"fmt"
	"math"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// Query answers q. It reads this snapshot's rows and no others, however long it
// takes, and ends early with the context's error.
func (s *Snapshot) Query(ctx context.Context, q *query.Query) (*Result, error) {
	if err := s.v.layout.checkQuery(q); err != nil {
		return nil, err
	}
	if q.Aggregates() {
		return s.aggregate(ctx, q)
	}
	r, err := s.newRows(ctx, q)
	if err != nil {
		return nil, err
	}
	return r.page(ctx)
}

func (l *layout) checkQuery(q *query.Query) error {
	if q.Offset < 0 || q.Limit < -1 {
		return fmt.Errorf("limit %d, offset %d: out of range", q.Limit, q.Offset)
	}
	if q.LimitBy != nil {
		for _, c := range q.LimitBy.Columns {
			if err := l.column(c); err != nil {
				return fmt.Errorf("limit_by: %w", err)
			}
		}
		if q.LimitBy.N < 0 {
			return fmt.Errorf("limit_by: %d rows are out of range", q.LimitBy.N)
		}
	}
	return nil
}

// rows reads the rows of a query without aggregates.
type rows struct {
	query   *query.Query
	outputs []query.Output
	order   *ordering
	scan    *scan
	skipped int // rows of the offset that collect has passed over
}

func (s *Snapshot) newRows(ctx context.Context, q *query.Query) (*rows, error) {
	outputs, err := s.v.layout.outputs(q)
	if err != nil {
		return nil, err
	}
	terms, err := s.v.layout.orderOf(q)
	if err != nil {
		return nil, err
	}
	r := &rows{query: q, outputs: outputs, order: &ordering{v: s.v, terms: terms}}
	if q.After != nil {
		if err := r.order.checkBookmark(q.After); err != nil {
			return nil, err
		}
	}
	if r.scan, err = s.scan(ctx, q); err != nil {
		return nil, err
	}
	if len(terms) > 0 {
		r.scan.ordered = terms[0].Column
	}
	if len(terms) > 0 && q.Limit >= 0 {
		r.scan.first = s.v.base.zoneOrder(terms[0])
	}
	return r, nil
}

// wanted is how many rows of the order have to be known: one more than asked for
// tells whether there are more. -1 is all.
func (r *rows) wanted() int { return wanted(r.query) }

func wanted(q *query.Query) int {
	if q.Limit < 0 || q.Limit > math.MaxInt32 || q.Offset > math.MaxInt32 {
		return -1
	}
	return q.Offset + q.Limit + 1
}

func (r *rows) page(ctx context.Context) (*Result, error) {
	entries, err := r.collect(ctx)
	if err != nil {
		return nil, err
	}
	q := r.query
	if q.After != nil && q.LimitBy != nil {
		// The groups begin on the pages before, so that they are cut off last.
		for len(entries) > 0 && r.order.compareBookmark(entries[0].ref, q.After) <= 0 {
			entries = entries[1:]
		}
	}
	out := &Result{Outputs: r.outputs, RowsRead: r.scan.read.Load(), Plan: r.scan.describe(), PassedOver: r.scan.passed.Load(), order: r.order}
	entries = entries[min(q.Offset-r.skipped, len(entries)):]
	if q.Limit >= 0 && len(entries) > q.Limit {
		entries, out.More = entries[:q.Limit], true
	}
	out.refs = entries
	out.touch()
	return out, ctx.Err()
}

// collect returns the first rows of the order.
func (r *rows) collect(ctx context.Context) ([]entry, error) {
	wanted := r.wanted()
	if r.query.LimitBy != nil && r.query.After != nil {
		wanted = -1
	}
	var after *query.Bookmark
	if r.query.LimitBy == nil {
		after = r.query.After
	}
	if by := r.scan.plan.sortedBy(r.order); by.open && wanted >= 0 && r.query.LimitBy == nil && !r.scan.plan.byKey && !r.scan.plan.indexed {
		return r.ordered(ctx, by, wanted, after)
	}
	find := func() ([]entry, bool, error) { return r.inIndexOrder(ctx, wanted, after) }
	if r.query.LimitBy != nil {
		find = func() ([]entry, bool, error) { return r.inSpanOrder(ctx, wanted) }
	}
	if entries, ok, err := find(); ok || err != nil {
		return entries, err
	}
	if err := r.scan.ask(ctx); err != nil {
		return nil, err
	}
	sinks := collectings{rows: r, wanted: wanted, after: after}
	if err := r.scan.run(ctx, sinks.add); err != nil {
		return nil, err
	}
	return sinks.sorted(), ctx.Err()
}

// collectings are the sinks of one query.
type collectings struct {
	*rows
	wanted int
	after  *query.Bookmark
	all    []*collecting
}

func (c *collectings) add() sink {
	s := &collecting{order: c.order, to: newCollector(c.order, c.wanted, c.query.LimitBy, c.scan.over), after: c.after}
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
func (c *collectings) sorted() []entry {
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
	order *ordering
	to    collector
	after *query.Bookmark
}

func (c *collecting) take(block int, inDelta bool, m *column.Mask) {
	if inDelta {
		c.narrowDelta(block, m)
	} else {
		c.narrow(block, m)
	}
	for i := range m.Each {
		c.takeRow(refOf(block, i, inDelta))
	}
}

// takeRow implements rowSink.
func (c *collecting) takeRow(r ref) {
	if c.after != nil && c.order.compareBookmark(r, c.after) <= 0 {
		return
	}
	c.to.add(c.order.entry(r))
}
