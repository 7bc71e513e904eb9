package store

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/aggregate"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/paging"
)

// Query answers q. It reads this snapshot's rows and no others, however long it
// takes, and ends early with the context's error.
func (s *Snapshot) Query(ctx context.Context, q *query.Query) (*Result, error) {
	outputs, err := s.check(q)
	if err != nil {
		return nil, err
	}
	if q.Aggregates() {
		groups, err := aggregate.Query(ctx, s.reading(), q, outputs)
		if err != nil {
			return nil, err
		}
		return ofGroups(outputs, groups), nil
	}
	p, err := paging.Query(ctx, s.reading(), q, outputs)
	if err != nil {
		return nil, err
	}
	return ofPage(outputs, p), nil
}

// Stream answers q and calls each with consecutive parts of the answer, which are
// valid until each returns. In the order of the sort key, or of its first columns, a
// query without a limit takes no memory for its rows; in another order, 16 bytes for
// each. An error of each ends the stream and is returned.
func (s *Snapshot) Stream(ctx context.Context, q *query.Query, each func(*Result) error) error {
	outputs, err := s.check(q)
	if err != nil {
		return err
	}
	if q.Aggregates() || q.Limit >= 0 || q.LimitBy != nil {
		r, err := s.Query(ctx, q)
		if err != nil {
			return err
		}
		return each(r)
	}
	return paging.Stream(ctx, s.reading(), q, outputs, func(p paging.Page) error {
		return each(ofPage(outputs, p))
	})
}

// check returns a query's selection with the types, or what the table does not have.
func (s *Snapshot) check(q *query.Query) ([]query.Output, error) {
	if err := check(s.v.Layout, q); err != nil {
		return nil, err
	}
	return outputsOf(s.v.Layout, q)
}

// check returns an error for bounds and columns that cannot be.
func check(l *mvcc.Layout, q *query.Query) error {
	if q.Offset < 0 || q.Limit < -1 {
		return fmt.Errorf("limit %d, offset %d: out of range", q.Limit, q.Offset)
	}
	if q.LimitBy != nil {
		for _, c := range q.LimitBy.Columns {
			if err := l.Known(c); err != nil {
				return fmt.Errorf("limit_by: %w", err)
			}
		}
		if q.LimitBy.N < 0 {
			return fmt.Errorf("limit_by: %d rows are out of range", q.LimitBy.N)
		}
	}
	return nil
}

// outputsOf checks a query's selection and fills in the types.
func outputsOf(l *mvcc.Layout, q *query.Query) ([]query.Output, error) {
	out := make([]query.Output, len(q.Select))
	for i, o := range q.Select {
		if o.Aggregate == query.Count && o.Column < 0 {
			o.Type = tables.Type{Kind: tables.Int64}
			out[i] = o
			continue
		}
		if err := l.Known(o.Column); err != nil {
			return nil, fmt.Errorf("select: %w", err)
		}
		t, ok := query.ResultType(o.Aggregate, l.Types[o.Column])
		if !ok {
			return nil, fmt.Errorf("select: column %s is %s, which has no %s",
				l.Table.Columns[o.Column].Name, l.Types[o.Column], o.Aggregate)
		}
		o.Type = t
		out[i] = o
	}
	return out, nil
}
