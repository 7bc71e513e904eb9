package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// over is the stop of a query that has ended.
func over() stop {
	ended := make(chan struct{})
	close(ended)
	return ended
}

func TestAFilterOfAQueryThatIsOverIsNotPrepared(t *testing.T) {
	texts := make([]string, 50_000)
	for i := range texts {
		texts[i] = fmt.Sprintf("%06d", i)
	}
	col := &column.Column{Form: column.FormText, Dict: column.NewDictionary(texts), Ints: column.NewPacked(len(texts), 0, int64(len(texts)-1))}
	calls := 0
	like := textTest{match: func(string) bool { calls++; return false }}
	textPredicate(col, like, false, len(texts), over())
	if calls > 16 {
		t.Errorf("%d texts of the dictionary were looked at", calls)
	}
	calls = 0
	var many anyOf
	for range 1000 {
		many = append(many, leaf{test: like})
	}
	prepare(allOf{many, many}, over(), func(l leaf) predicate { calls++; return constant(true) })
	if calls > 0 {
		t.Errorf("%d conditions were prepared", calls)
	}
}

func TestAPredicateOfAQueryThatIsOverLooksAtFewRows(t *testing.T) {
	calls := 0
	slow := &rowTest{match: func(int) bool { calls++; return true }, over: over()}
	either := &disjunction{parts: slices.Repeat([]predicate{slow}, 1000), over: over()}
	both := &conjunction{parts: slices.Repeat([]predicate{slow}, 1000), over: over()}
	for name, p := range map[string]predicate{"rows": slow, "or": either, "and": both} {
		var m column.Mask
		m.Fill(0, column.BlockRows)
		calls = 0
		if p.refine(0, &m); calls > 16 {
			t.Errorf("%s: %d rows were looked at", name, calls)
		}
	}
	calls = 0
	if never := (&disjunction{parts: slices.Repeat([]predicate{constant(false)}, 10_000), over: over()}); never.test(0) {
		t.Error("a row is true for a query that is over")
	}
}

func TestASortOfAQueryThatIsOverEnds(t *testing.T) {
	numbers := make([]int, 100_000)
	for i := range numbers {
		numbers[i] = i * 7919 % len(numbers)
	}
	calls := 0
	slices.SortFunc(numbers, untilAsked(over(), func(a, b int) int { calls++; return cmp.Compare(a, b) }))
	if calls > stopStep {
		t.Errorf("%d comparisons were made", calls)
	}
	s := newAccounts(t, 5000)
	r := &runs{order: &ordering{v: s.Snapshot().v, terms: []query.Order{{Column: 2}}}, over: over()}
	for i := range 5000 {
		r.add(r.order.entry(ref(i) | deltaRef))
	}
	if got := r.merged(0, -1); len(got) > stopStep {
		t.Errorf("%d entries were merged", len(got))
	}
}

// TestEveryKindOfQueryEndsInItsMiddle lets the client go when the plan is made: what
// comes then has to look up by itself, and nothing half done is an answer.
func TestEveryKindOfQueryEndsInItsMiddle(t *testing.T) {
	s := newAccounts(t, 5000)
	seal(t, s, 1, 2500)
	s.layout.tuning.smallScan, s.layout.tuning.ordered = 1, 1
	count := query.Output{Name: "n", Column: -1, Aggregate: query.Count}
	like := query.Like{Column: 1, Pattern: "*1*"}
	all := query.SelectAll(s.layout.table)
	for name, q := range map[string]query.Query{
		"count":      {Select: []query.Output{count}, Limit: 10},
		"groups":     {Select: []query.Output{{Name: "id", Column: 0}, count}, Limit: 10},
		"all groups": {Select: []query.Output{{Name: "id", Column: 0}, count}, Limit: -1},
		"distinct":   {Select: []query.Output{{Name: "d", Column: 0, Aggregate: query.CountDistinct}}, Limit: 10},
		"order":      {Select: all, Order: []query.Order{{Column: 2, Descending: true}}, Limit: 10},
		"far order":  {Select: all, Order: []query.Order{{Column: 2}}, Limit: 10, Offset: maxHeap},
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
	s.layout.tuning.smallScan = 1
	if _, err := snap.Query(t.Context(), q); !errors.Is(err, busy) {
		t.Errorf("a long query: %v", err)
	}
	first := &query.Query{Select: query.SelectAll(s.layout.table), Limit: 10}
	if _, err := snap.Query(t.Context(), first); err != nil {
		t.Errorf("the first rows of the sort key: %v", err)
	}
}

func TestOneAggregateUnderManyNamesIsWorkedOutOnce(t *testing.T) {
	s := newAccounts(t, 100)
	var outputs []query.Output
	for i := range 500 {
		outputs = append(outputs, query.Output{Name: fmt.Sprintf("a%d", i), Column: 2, Aggregate: query.CountDistinct},
			query.Output{Name: fmt.Sprintf("b%d", i), Column: 1})
	}
	g := newGrouping(s.Snapshot().v, outputs)
	if len(g.acc) != 1 || len(g.by) != 1 {
		t.Fatalf("%d aggregates, %d columns of groups", len(g.acc), len(g.by))
	}
	r, err := s.Snapshot().Query(t.Context(), &query.Query{Select: outputs, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for row := range r.Len() {
		for i := range outputs {
			if r.Value(row, i) != r.Value(row, i%2) {
				t.Fatalf("row %d: %s differs", row, outputs[i].Name)
			}
		}
	}
}

func TestFarOffsetsHoldTheRowsOfTheirPageOnly(t *testing.T) {
	const n = maxHeap + 40_000
	s := newAccounts(t, n)
	q := &query.Query{Select: query.SelectAll(s.layout.table)[:1], Order: []query.Order{{Column: 0, Descending: true}}, Offset: n - 7, Limit: 5}
	r, err := s.Snapshot().Query(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if r.Len() != 5 || !r.More || cap(r.refs) > 16 {
		t.Fatalf("%d rows in memory of %d, more %v", r.Len(), cap(r.refs), r.More)
	}
	for i := range r.Len() {
		if got := r.Value(i, 0).Int(); got != int64(6-i) {
			t.Errorf("row %d is %d", i, got)
		}
	}
}
