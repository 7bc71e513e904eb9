package paging

import (
	"context"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
)

// Query answers a query without aggregates.
func Query(ctx context.Context, from scan.Reading, q *query.Query, outputs []query.Output) (Page, error) {
	r, err := newRows(ctx, from, q, outputs)
	if err != nil {
		return Page{}, err
	}
	return r.page(ctx)
}

func (r *rows) page(ctx context.Context) (Page, error) {
	entries, err := r.collect(ctx)
	if err != nil {
		return Page{}, err
	}
	q := r.query
	if q.After != nil && q.LimitBy != nil {
		// The groups begin on the pages before, so that they are cut off last.
		for len(entries) > 0 && r.order.CompareBookmark(entries[0].Ref, q.After) <= 0 {
			entries = entries[1:]
		}
	}
	out := Page{Stats: r.scan.Stats(), outputs: r.outputs, order: r.order}
	entries = entries[min(q.Offset-r.skipped, len(entries)):]
	if q.Limit >= 0 && len(entries) > q.Limit {
		entries, out.More = entries[:q.Limit], true
	}
	out.refs = entries
	out.touch()
	return out, ctx.Err()
}

// collect returns the first rows of the order.
func (r *rows) collect(ctx context.Context) ([]mvcc.Entry, error) {
	wanted := r.query.Wanted()
	if r.query.LimitBy != nil && r.query.After != nil {
		wanted = -1
	}
	var after *query.Bookmark
	if r.query.LimitBy == nil {
		after = r.query.After
	}
	if by := sortedBy(r.scan.Plan, r.order); by.open && wanted >= 0 && r.query.LimitBy == nil && !r.scan.Plan.ByKey && !r.scan.Plan.Indexed {
		return r.ordered(ctx, by, wanted, after)
	}
	find := func() ([]mvcc.Entry, bool, error) { return r.inIndexOrder(ctx, wanted, after) }
	if r.query.LimitBy != nil {
		find = func() ([]mvcc.Entry, bool, error) { return r.inSpanOrder(ctx, wanted) }
	}
	if entries, ok, err := find(); ok || err != nil {
		return entries, err
	}
	if err := r.scan.Ask(ctx); err != nil {
		return nil, err
	}
	sinks := collectings{rows: r, wanted: wanted, after: after}
	if err := r.scan.Run(ctx, sinks.add); err != nil {
		return nil, err
	}
	return sinks.sorted(), ctx.Err()
}
