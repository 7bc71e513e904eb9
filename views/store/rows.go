package store

import (
	"context"
	"fmt"
	"math"

	"github.com/tidemark/tidemark/views/query"
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
	r, err := s.newRows(q)
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
}

func (s *Snapshot) newRows(q *query.Query) (*rows, error) {
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
	r.scan, err = s.v.scan(q, s.cores)
	return r, err
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
	out := &Result{Outputs: r.outputs, RowsRead: r.scan.read.Load(), Plan: r.scan.describe(), order: r.order}
	entries = entries[min(q.Offset, len(entries)):]
	if q.Limit >= 0 && len(entries) > q.Limit {
		entries, out.More = entries[:q.Limit], true
	}
	out.refs = entries
	return out, nil
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
	var sinks []*collecting
	err := r.scan.run(ctx, func() sink {
		s := &collecting{order: r.order, to: newCollector(r.order, wanted, r.query.LimitBy), after: after}
		sinks = append(sinks, s)
		return s
	})
	if err != nil {
		return nil, err
	}
	all := sinks[0].to
	for _, s := range sinks[1:] {
		all.merge(s.to)
	}
	return all.sorted(), nil
}

// collecting is the sink of a collector.
type collecting struct {
	order *ordering
	to    collector
	after *query.Bookmark
}

func (c *collecting) take(block int, inDelta bool, m *mask) {
	if !inDelta {
		c.narrow(block, m)
	}
	for i := range m.each {
		r := refOf(block, i, inDelta)
		if c.after != nil && c.order.compareBookmark(r, c.after) <= 0 {
			continue
		}
		c.to.add(c.order.entry(r))
	}
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
	col := &c.order.v.base.cols[c.order.terms[0].Column]
	if col.valid != nil {
		return
	}
	newPackedRange(&col.ints, in, false).refine(block, m)
}

// ordered reads the base in its order and stops when no later row can be wanted.
func (r *rows) ordered(ctx context.Context, by sorted, wanted int, after *query.Bookmark) ([]entry, error) {
	r.scan.inOrder = true
	keep := newCollector(r.order, wanted, nil)
	to := &collecting{order: r.order, to: keep, after: after}
	r.scan.delta(to)
	spans := r.scan.plan.spans
	if after != nil {
		spans = by.clip(r.order, spans, after)
	}
	for i := range spans {
		p := spans[i]
		if by.down {
			p = spans[len(spans)-1-i]
		}
		more, err := r.orderedSpan(ctx, by, p, to)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	return keep.sorted(), nil
}

// orderedSpan reads one span and reports whether the next one can matter.
func (r *rows) orderedSpan(ctx context.Context, by sorted, p span, to *collecting) (bool, error) {
	first, last := p.from>>blockBits, (p.to-1)>>blockBits
	var m mask
	for n := range last - first + 1 {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		block := first + n
		if by.down {
			block = last - n
		}
		from, end := max(p.from, block<<blockBits), min(p.to, (block+1)<<blockBits)
		next := from
		if by.down {
			next = end - 1
		}
		if r.blockBeyond(by, ref(next), to) {
			return false, nil
		}
		m.fill(from-block<<blockBits, end-block<<blockBits)
		r.scan.read.Add(int64(end - from))
		r.scan.matches(block, false, &m)
		if !r.orderedBlock(by, block, &m, to) {
			return false, nil
		}
	}
	return true, nil
}

func (r *rows) orderedBlock(by sorted, block int, m *mask, to *collecting) bool {
	each := m.each
	if by.down {
		each = m.eachDown
	}
	for i := range each {
		row := refOf(block, i, false)
		if r.beyond(by, row, to) {
			return false
		}
		if to.after != nil && r.order.compareBookmark(row, to.after) <= 0 {
			continue
		}
		to.to.add(r.order.entry(row))
	}
	return true
}

// beyond reports whether a row and all behind it in the base's order come after
// everything that is wanted. Rows that tie in the terms that the base gives may
// still come before, by the other terms or by key.
func (r *rows) beyond(by sorted, row ref, to *collecting) bool {
	worst := to.to.worst()
	return worst != nil && r.order.compareTerms(row, worst.ref, 0, by.terms) > 0
}

// blockBeyond is beyond for a row that may not meet the filter: of it, only the first
// open term is sure to be in order.
func (r *rows) blockBeyond(by sorted, row ref, to *collecting) bool {
	worst := to.to.worst()
	return worst != nil && r.order.compareTerms(row, worst.ref, by.first, by.first+1) > 0
}
