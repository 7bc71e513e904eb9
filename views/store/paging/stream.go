package paging

import (
	"context"
	"slices"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
)

// streamRows is how many rows a stream hands on at a time.
const streamRows = 1024

// Stream answers a query without aggregates and limits, and calls each with consecutive parts
// of the answer, which are valid until each returns.
func Stream(ctx context.Context, from scan.Reading, q *query.Query, outputs []query.Output, each func(Page) error) error {
	r, err := newRows(ctx, from, q, outputs)
	if err == nil {
		err = r.scan.Ask(ctx)
	}
	if err != nil {
		return err
	}
	out := &stream{rows: r, ctx: ctx, each: each, skip: q.Offset, part: make([]mvcc.Entry, 0, streamRows)}
	by := sortedBy(r.scan.Plan, r.order)
	if !by.open || r.scan.Plan.ByKey || r.scan.Plan.Indexed {
		return out.sorted(ctx)
	}
	return out.ordered(by)
}

// sorted reads all rows, and then hands them on in order.
func (s *stream) sorted(ctx context.Context) error {
	sinks := collectings{rows: s.rows, wanted: -1, after: s.query.After}
	if err := s.scan.Run(ctx, sinks.add); err != nil {
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
	each func(Page) error
	skip int
	part []mvcc.Entry

	delta []mvcc.Entry // those of the delta that are still to come, in order
	ties  []mvcc.Entry // rows that the order of the base does not distinguish
}

func (s *stream) emit(e mvcc.Entry) error {
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
	err := s.each(Page{Stats: s.scan.Stats(), outputs: s.outputs, order: s.order, refs: s.part})
	s.part = s.part[:0]
	return err
}

// ordered reads the base in its order and the delta's rows in between.
func (s *stream) ordered(by sorted) error {
	s.scan.InOrder = true
	all := &runs{order: s.order, over: s.scan.Over}
	after := s.query.After
	if err := s.scan.Delta(s.ctx, &collecting{order: s.order, to: all, after: after}); err != nil {
		return err
	}
	s.delta = all.sorted()
	spans := s.scan.Plan.Spans
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

func (s *stream) span(by sorted, p scan.Span) error {
	var m column.Mask
	for block, part := range p.Blocks(by.down) {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if !s.scan.Part(block, part, &m) {
			continue
		}
		if err := s.block(by, block, &m); err != nil {
			return err
		}
	}
	return nil
}

// block takes the rows of a block that are after the bookmark.
func (s *stream) block(by sorted, block int, m *column.Mask) error {
	each := m.Each
	if by.down {
		each = m.EachDown
	}
	for i := range each {
		r := mvcc.RefOf(block, i, false)
		if s.query.After != nil && s.order.CompareBookmark(r, s.query.After) <= 0 {
			continue
		}
		if err := s.take(by, s.order.Entry(r)); err != nil {
			return err
		}
	}
	return nil
}

// take holds e back for as long as rows tie with it.
func (s *stream) take(by sorted, e mvcc.Entry) error {
	if len(s.ties) > 0 && s.order.CompareTerms(s.ties[0].Ref, e.Ref, 0, by.terms) != 0 {
		if err := s.untie(by, &e); err != nil {
			return err
		}
	}
	s.ties = append(s.ties, e)
	return nil
}

// untie hands the rows on that were held back, and those of the delta that come
// before next.
func (s *stream) untie(by sorted, next *mvcc.Entry) error {
	for len(s.delta) > 0 && (next == nil || s.order.CompareTerms(s.delta[0].Ref, next.Ref, 0, by.terms) < 0) {
		s.ties, s.delta = append(s.ties, s.delta[0]), s.delta[1:]
	}
	for _, e := range sortEntries(s.order, s.ties, s.scan.Over) {
		if err := s.emit(e); err != nil {
			return err
		}
	}
	s.ties = s.ties[:0]
	return nil
}
