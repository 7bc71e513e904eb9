package oracle

import (
	"fmt"
	"hash/fnv"
	"maps"
	"testing"
)

// TestOracleComesToWhatTheDatabaseHas holds the rule against the database itself: the last
// change of each row counts, in whichever partitions its changes are, as long as no record
// is refused. Where one is, the row before it stays.
func TestOracleComesToWhatTheDatabaseHas(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(100) {
		o := Options{Seed: seed, Partitions: 1 + int32(seed%4), Keys: 12, Start: 1_700_000_000_123}
		if seed%2 == 0 {
			o.Home = func(key []byte) int32 {
				h := fnv.New32a()
				h.Write(key)
				return int32(h.Sum32() % uint32(o.Partitions))
			}
		}
		h := New(o)
		fold := NewFold(o.Partitions)
		refused := map[int64]bool{}
		take := func(events []*Event) {
			for _, e := range events {
				fold.Take(e)
				refused[e.ID] = e.Kind == Unusable || e.Kind == TooLarge
				seen[fmt.Sprint("kind ", e.Kind)]++
			}
		}
		for range 20 {
			seen[h.Turn()]++
			take(h.Changes(15))
			h.Undone(5)
			if seed%3 == 0 {
				take(h.Snapshot())
			}
		}
		want, got := map[int64]string{}, map[int64]string{}
		for id, r := range h.rows {
			want[id] = r.V
		}
		for id, r := range fold.Rows() {
			got[id] = r.V
		}
		for id := range refused {
			if refused[id] {
				delete(want, id)
				delete(got, id)
			}
		}
		if !maps.Equal(want, got) {
			t.Errorf("seed %d, %s: %v, want %v", seed, h.Name(), got, want)
		}
	}
	for _, what := range []string{"another server", "keys are written in form 3", "rows have no amount", "kind 0", "kind 1", "kind 2", "kind 3", "kind 4"} {
		if seen[what] == 0 {
			t.Errorf("%s is not among the dice: %v", what, seen)
		}
	}
}

// TestMarksAreInEveryPartition has one record in each, of keys that nothing else has.
func TestMarksAreInEveryPartition(t *testing.T) {
	o := Options{Seed: 5, Partitions: 3, Keys: 12, Start: 1_700_000_000_000}
	o.Home = func(key []byte) int32 { return int32(len(key)+int(key[len(key)-2])) % o.Partitions }
	h := New(o)
	h.Changes(50)
	for range 2 {
		at := map[int32]bool{}
		for _, e := range h.Marks() {
			at[e.Partition] = true
			if e.Kind != Upsert || o.Home(e.Key) != e.Partition {
				t.Errorf("%+v", e)
			}
		}
		if len(at) != 3 {
			t.Errorf("marks in %v", at)
		}
	}
}
