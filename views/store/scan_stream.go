package store

import (
	"context"
	"slices"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// streamRows is how many rows a stream hands on at a time.
const streamRows = 1024

// Stream answers q and calls each with consecutive parts of the answer, which are
// valid until each returns. In the order of the sort key, or of its first columns, a
// query without a limit takes no memory for its rows; in another order, 16 bytes for
// each. An error of each ends the stream and is returned.
func (s *Snapshot) Stream(ctx context.Context, q *query.Query, each func(*Result) error) error {
	if err := s.v.layout.checkQuery(q); err != nil {
		return err
	}
	if q.Aggregates() || q.Limit >= 0 || q.LimitBy != nil {
		r, err := s.Query(ctx, q)
		if err != nil {
			return err
		}
		return each(r)
	}
	r, err := s.newRows(ctx, q)
	if err == nil {
		err = r.scan.ask(ctx)
	}
	if err != nil {
		return err
	}
	out := &stream{rows: r, ctx: ctx, each: each, skip: q.Offset, part: make([]entry, 0, streamRows)}
	by := r.scan.plan.sortedBy(r.order)
	if !by.open || r.scan.plan.byKey || r.scan.plan.indexed {
		return out.sorted(ctx)
	}
	return out.ordered(by)
}

// sorted reads all rows, and then hands them on in order.
func (s *stream) sorted(ctx context.Context) error {
	sinks := collectings{rows: s.rows, wanted: -1, after: s.query.After}
	if err := s.scan.run(ctx, sinks.add); err != nil {
		return err
	}
	for in := sinks.merged().(*runs).begin(); ; {
		e, ok := in.next()
		if !ok {
			return s.flush() // which asks the context
		}
		if err := s.emit(e); err != nil {
			return err
		}
	}
}

// stream hands rows on.
type stream struct {
	*rows
	ctx  context.Context
	each func(*Result) error
	skip int
	part []entry

	delta []entry // those of the delta that are still to come, in order
	ties  []entry // rows that the order of the base does not tell apart
}

func (s *stream) emit(e entry) error {
	if s.skip > 0 {
		s.skip--
		return nil
	}
	if s.part = append(s.part, e); len(s.part) < streamRows {
		return nil
	}
	return s.flush()
}

func (s *stream) flush() error {
	if err := s.ctx.Err(); err != nil || len(s.part) == 0 {
		return err
	}
	err := s.each(&Result{Outputs: s.outputs, RowsRead: s.scan.read.Load(), Plan: s.scan.describe(), PassedOver: s.scan.passed.Load(), order: s.order, refs: s.part})
	s.part = s.part[:0]
	return err
}

// ordered reads the base in its order and the delta's rows in between.
func (s *stream) ordered(by sorted) error {
	s.scan.inOrder = true
	all := &runs{order: s.order, over: s.scan.over}
	after := s.query.After
	if err := s.scan.delta(s.ctx, &collecting{order: s.order, to: all, after: after}); err != nil {
		return err
	}
	s.delta = all.sorted()
	spans := s.scan.plan.spans
	if after != nil {
		spans = by.clip(s.order, spans, after)
	}
	if by.down {
		slices.Reverse(spans)
	}
	for _, p := range spans {
		if err := s.span(by, p); err != nil {
			return err
		}
	}
	if err := s.untie(by, nil); err != nil {
		return err
	}
	return s.flush()
}

func (s *stream) span(by sorted, p span) error {
	var m column.Mask
	for block, part := range p.blocks(by.down) {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if !s.scan.part(block, part, &m) {
			continue
		}
		if err := s.block(by, block, &m); err != nil {
			return err
		}
	}
	return nil
}

// block takes the rows of a block that stand behind the bookmark.
func (s *stream) block(by sorted, block int, m *column.Mask) error {
	each := m.Each
	if by.down {
		each = m.EachDown
	}
	for i := range each {
		r := refOf(block, i, false)
		if s.query.After != nil && s.order.compareBookmark(r, s.query.After) <= 0 {
			continue
		}
		if err := s.take(by, s.order.entry(r)); err != nil {
			return err
		}
	}
	return nil
}

// take holds e back for as long as rows tie with it.
func (s *stream) take(by sorted, e entry) error {
	if len(s.ties) > 0 && s.order.compareTerms(s.ties[0].ref, e.ref, 0, by.terms) != 0 {
		if err := s.untie(by, &e); err != nil {
			return err
		}
	}
	s.ties = append(s.ties, e)
	return nil
}

// untie hands the rows on that were held back, and those of the delta that come
// before next.
func (s *stream) untie(by sorted, next *entry) error {
	for len(s.delta) > 0 && (next == nil || s.order.compareTerms(s.delta[0].ref, next.ref, 0, by.terms) < 0) {
		s.ties, s.delta = append(s.ties, s.delta[0]), s.delta[1:]
	}
	for _, e := range sortEntries(s.order, s.ties, s.scan.over) {
		if err := s.emit(e); err != nil {
			return err
		}
	}
	s.ties = s.ties[:0]
	return nil
}
