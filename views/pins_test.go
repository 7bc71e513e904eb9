package views

import (
	"testing"
	"time"

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
