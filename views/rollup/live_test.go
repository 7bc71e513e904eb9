package rollup_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/store"
)

func plain(of *tables.Table) store.Options { return store.Options{Table: of} }

// What readers see of a rollup is exact however often its groups change, while the store
// merges their outdated states away; and who follows it has its rows.
func TestALiveRollupStaysExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 17))
	def := tables.Rollup{Name: "by_city", GroupBy: []string{"city"}, Measures: []tables.Measure{{Name: "rows_", Function: "count"}}}
	live, err := rollup.NewLive(sales(t), def, plain)
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	live.Follow(nil, "", 1<<20)
	reader := live.Feed().From(live.Store().Snapshot().Version(), nil, nil)
	defer reader.Close()
	heard := map[string]int64{}
	cities, counts := make([][]tables.Value, 2000), map[string]int64{}
	for step := range int64(40_000) {
		for range 1 + r.IntN(2) {
			id := r.IntN(len(cities))
			was, is := cities[id], make([]tables.Value, len(sales(t).Columns))
			is[1] = tables.StringValue(fmt.Sprint("city ", r.IntN(400)))
			if was != nil {
				counts[was[1].Str()]--
			}
			if counts[is[1].Str()]++; r.IntN(4) == 0 {
				counts[is[1].Str()]--
				is = nil
			}
			live.Change(was, is)
			cities[id] = is
		}
		if err := live.Publish(tables.Position{step}); err != nil {
			t.Fatal(err)
		}
		if step%1000 == 999 {
			hear(t, reader.Take, heard)
			compareCounts(t, counts, heard)
			compareCounts(t, counts, countsOf(t, live))
		}
	}
	if n := live.Store().Snapshot().Delta(); n > 5000 {
		t.Errorf("a read passes over %d outdated groups", n)
	}
}

// ends is a context that ends when it was asked for so often.
type ends struct {
	context.Context
	left int
}

func (e *ends) Err() error {
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return nil
}

// Counting that was broken off begins anew: no row is counted twice.
func TestCountingAgainCountsEachRowOnce(t *testing.T) {
	from := sales(t)
	s, err := store.New(store.Options{Table: from})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const sold = 5000
	var group []store.Change
	for id := range int64(sold) {
		row := make([]tables.Value, len(from.Columns))
		row[0], row[1] = tables.Int64Value(id), tables.StringValue("Wien")
		group = append(group, store.Change{Offset: id, Key: tables.EncodeKey(row[0]), Values: row})
	}
	if err := s.Apply(group, nil); err != nil {
		t.Fatal(err)
	}
	def := tables.Rollup{Name: "by_city", GroupBy: []string{"city"}, Measures: []tables.Measure{{Name: "rows_", Function: "count"}}}
	live, err := rollup.NewLive(from, def, plain)
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	broken := 0
	for left := 0; ; left++ {
		if err := live.Count(&ends{t.Context(), left}, s.Snapshot()); err == nil {
			break
		}
		broken++
	}
	if broken < 2 {
		t.Fatalf("counting was broken off %d times, want to see it in its midst", broken)
	}
	if err := live.Publish(nil); err != nil {
		t.Fatal(err)
	}
	compareCounts(t, map[string]int64{"Wien": sold}, countsOf(t, live))
}

// hear takes what is there.
func hear(t *testing.T, take func() (changes.Batch, bool, error), heard map[string]int64) {
	t.Helper()
	for {
		b, some, err := take()
		if err != nil {
			t.Fatal(err)
		}
		if !some {
			return
		}
		for _, e := range b.Events {
			if !e.Is {
				delete(heard, e.Old[0].Str())
				continue
			}
			heard[e.New[0].Str()] = e.New[1].Int()
		}
	}
}

// countsOf reads the rollup.
func countsOf(t *testing.T, live *rollup.Live) map[string]int64 {
	t.Helper()
	snap := live.Store().Snapshot()
	got, err := snap.Query(t.Context(), &query.Query{Select: query.SelectAll(snap.Table()), Limit: query.NoLimit})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for i := range got.Len() {
		out[got.Value(i, 0).Str()] = got.Value(i, 1).Int()
	}
	return out
}

func compareCounts(t *testing.T, want, got map[string]int64) {
	t.Helper()
	for city, n := range want {
		if got[city] != n {
			t.Fatalf("%s has %d rows, the rollup says %d", city, n, got[city])
		}
	}
	for city := range got {
		if want[city] == 0 {
			t.Fatalf("%s has no rows, the rollup says %d", city, got[city])
		}
	}
}

// A rollup that is made from the rows equals the query on them, and stays so.
func TestCountEqualsTheQuery(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 23))
		table, def := sales(t), definition([][]string{{"city"}, {"city", "day"}, {"n"}, {"paid"}}[seed]...)
		live, err := rollup.NewLive(table, def, plain)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := store.New(store.Options{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		put := func(from, to int64) (out []store.Change) {
			for id := from; id < to; id++ {
				out = append(out, store.Change{Offset: id, Key: tables.EncodeKey(tables.Int64Value(id)), Values: random(r, id)})
			}
			if err := rows.Apply(out, tables.Position{to}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		put(0, 5000)
		if err := live.Count(t.Context(), rows.Snapshot()); err != nil {
			t.Fatal(err)
		}
		for _, c := range put(5000, 5100) {
			live.Change(nil, c.Values)
		}
		if err := live.Publish(tables.Position{5100}); err != nil {
			t.Fatal(err)
		}
		got := map[tables.Key][]tables.Value{}
		derived := live.Store().Snapshot()
		q := &query.Query{Select: query.SelectAll(derived.Table()), Limit: query.NoLimit}
		err = derived.Stream(t.Context(), q, func(part *store.Result) error {
			for i := range part.Len() {
				got[part.Key(i)] = part.AppendValues(nil, i)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, fmt.Sprintf("seed %d", seed), rows.Snapshot(), derived.Table(), table, def, got)
		live.Close()
		rows.Close()
	}
}
