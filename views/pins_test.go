package views

import (
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

func TestPinsAreKeptWhileTheyAreUsed(t *testing.T) {
	now := time.Now()
	p := newPins(2, time.Minute, func() time.Time { return now })
	snap := new(store.Snapshot)
	id := p.add(snap)
	for range 3 {
		now = now.Add(50 * time.Second)
		if got, ok := p.get(id); !ok || got != snap {
			t.Fatal("a pin that is used is gone")
		}
	}
	now = now.Add(61 * time.Second)
	if _, ok := p.get(id); ok || p.count() != 0 {
		t.Error("a pin that was not used for longer than its time is still there")
	}
}

func TestPinsAreBounded(t *testing.T) {
	now := time.Now()
	p := newPins(2, time.Minute, func() time.Time { return now })
	first, second := p.add(new(store.Snapshot)), p.add(new(store.Snapshot))
	now = now.Add(time.Second)
	if _, ok := p.get(first); !ok {
		t.Fatal("the first pin is gone")
	}
	third := p.add(new(store.Snapshot))
	if _, ok := p.get(second); ok {
		t.Error("the pin that was not used for the longest time is still there")
	}
	for _, id := range []string{first, third} {
		if _, ok := p.get(id); !ok {
			t.Error("a pin that was used later is gone")
		}
	}
	if _, ok := p.get("no such"); ok {
		t.Error("a pin that never was is there")
	}
}

// filled returns a store of some rows.
func filled(t *testing.T, rows int) *store.Store {
	t.Helper()
	s, err := store.New(store.Options{Table: &tables.Table{
		Name: "t", Key: []string{"id"}, Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	changes := make([]store.Change, rows)
	for i := range changes {
		v := tables.Int64Value(int64(i))
		changes[i] = store.Change{Offset: int64(i), Key: tables.EncodeKey(v), Values: []tables.Value{v}}
	}
	if err := s.Apply(changes, tables.Position{int64(rows)}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPinsAreBoundedByTheBytesThatTheyKeep(t *testing.T) {
	now := time.Now()
	newest := filled(t, 10).Snapshot()
	p := newPins(256, time.Minute, func() time.Time { return now })
	p.newest = func() *store.Snapshot { return newest }
	var ids []string
	pinNew := func(rows int) {
		now = now.Add(time.Second)
		newest = filled(t, rows).Snapshot()
		ids = append(ids, p.add(newest))
	}
	pinNew(5000)
	_, one := newest.Held()
	p.bytes = 2*one + one/2
	kept := func(want ...bool) {
		t.Helper()
		for i, id := range ids {
			if p.held[id] != nil != want[i] {
				t.Errorf("pin %d is kept: %v, want %v", i, !want[i], want[i])
			}
		}
	}
	pinNew(5000)
	pinNew(5000)
	if got := p.memory(nil); got != 2*one {
		t.Errorf("%d bytes are kept, want %d: the newest rows are in memory anyway", got, 2*one)
	}
	kept(true, true, true)
	now = now.Add(time.Second)
	p.get(ids[0])
	pinNew(5000)
	kept(true, false, true, true)
	newest = filled(t, 10).Snapshot() // a batch: what was the newest is old now
	p.trim()
	kept(true, false, false, true)
	p.bytes = 1
	p.trim()
	kept(false, false, false, false)
	pinNew(5000)
	newest = filled(t, 5000).Snapshot()
	if p.trim(); p.count() != 1 {
		t.Error("the pages of a table that is larger than the bound do not outlive a batch")
	}
}
