package paging

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
)

// rows reads the rows of a query without aggregates.
type rows struct {
	query   *query.Query
	outputs []query.Output
	order   *mvcc.Ordering
	scan    *scan.Scan
	skipped int // rows of the offset that collect has passed over
}

func newRows(ctx context.Context, from scan.Reading, q *query.Query, outputs []query.Output) (*rows, error) {
	terms, err := orderOf(from.Version.Layout, q)
	if err != nil {
		return nil, err
	}
	r := &rows{query: q, outputs: outputs, order: mvcc.NewOrdering(from.Version, terms)}
	if q.After != nil {
		if err := r.order.CheckBookmark(q.After); err != nil {
			return nil, err
		}
	}
	if r.scan, err = from.Scan(ctx, q); err != nil {
		return nil, err
	}
	if len(terms) > 0 {
		r.scan.Ordered = terms[0].Column
	}
	if len(terms) > 0 && q.Limit >= 0 {
		r.scan.First = scan.ZoneOrderOf(from.Version.Base, terms[0])
	}
	return r, nil
}

// orderOf returns a query's order: the sort key's without one.
func orderOf(l *mvcc.Layout, q *query.Query) ([]query.Order, error) {
	if len(q.Order) == 0 {
		out := make([]query.Order, l.SortOnly)
		for i := range out {
			out[i] = query.Order{Column: l.Sort[i]}
		}
		return out, nil
	}
	for _, o := range q.Order {
		if err := l.Known(o.Column); err != nil {
			return nil, fmt.Errorf("order: %w", err)
		}
	}
	return q.Order, nil
}
