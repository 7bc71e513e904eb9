package store

import (
	"context"
	"errors"
	"testing"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/paging"
)

// TestEveryKindOfQueryEndsInItsMiddle lets the client go when the plan is made: what
// comes then has to look up by itself, and nothing half done is an answer.
func TestEveryKindOfQueryEndsInItsMiddle(t *testing.T) {
	s := newAccounts(t, 5000)
	seal(t, s, 1, 2500)
	s.layout.Tuning.SmallScan, s.layout.Tuning.Ordered = 1, 1
	count := query.Output{Name: "n", Column: -1, Aggregate: query.Count}
	like := query.Like{Column: 1, Pattern: "*1*"}
	all := query.SelectAll(s.layout.Table)
	for name, q := range map[string]query.Query{
		"count":      {Select: []query.Output{count}, Limit: 10},
		"groups":     {Select: []query.Output{{Name: "id", Column: 0}, count}, Limit: 10},
		"all groups": {Select: []query.Output{{Name: "id", Column: 0}, count}, Limit: -1},
		"distinct":   {Select: []query.Output{{Name: "d", Column: 0, Aggregate: query.CountDistinct}}, Limit: 10},
		"order":      {Select: all, Order: []query.Order{{Column: 2, Descending: true}}, Limit: 10},
		"far order":  {Select: all, Order: []query.Order{{Column: 2}}, Limit: 10, Offset: paging.MaxHeap},
		"sort key":   {Select: all, Filter: like, Limit: 4000},
		"limit_by":   {Select: all, LimitBy: &query.LimitBy{Columns: []int{1}, N: 3}, Limit: 10},
		"everything": {Select: all, Limit: -1},
		"all sorted": {Select: all, Order: []query.Order{{Column: 2}}, Limit: -1},
	} {
		ctx, leave := context.WithCancel(t.Context())
		asked := 0
		snap := s.Snapshot().Admitting(func(context.Context) error { asked++; leave(); return nil })
		rows, err := snap.Query(ctx, &q)
		if !errors.Is(err, context.Canceled) || rows != nil {
			t.Errorf("%s: rows %v, error %v", name, rows, err)
		}
		if asked == 0 {
			t.Errorf("%s: nobody was asked", name)
		}
		ctx, leave = context.WithCancel(t.Context())
		if err := snap.Stream(ctx, &q, func(*Result) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, streamed: %v", name, err)
		}
		leave()
	}
}

func TestALongQueryIsRefusedBeforeItBegins(t *testing.T) {
	s := newAccounts(t, 5000)
	seal(t, s, 1, 2500)
	busy := errors.New("busy")
	snap := s.Snapshot().Admitting(func(context.Context) error { return busy })
	q := &query.Query{Select: []query.Output{{Name: "n", Column: -1, Aggregate: query.Count}}, Limit: 1}
	if _, err := snap.Query(t.Context(), q); err != nil {
		t.Errorf("a short query: %v", err)
	}
	s.layout.Tuning.SmallScan = 1
	if _, err := snap.Query(t.Context(), q); !errors.Is(err, busy) {
		t.Errorf("a long query: %v", err)
	}
	first := &query.Query{Select: query.SelectAll(s.layout.Table), Limit: 10}
	if _, err := snap.Query(t.Context(), first); err != nil {
		t.Errorf("the first rows of the sort key: %v", err)
	}
}
