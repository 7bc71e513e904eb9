package load

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestEventsAreValidAndRepeat(t *testing.T) {
	a, b := NewOrders(Options{Seed: 3, Keys: 50, DeletePercent: 20}), NewOrders(Options{Seed: 3, Keys: 50, DeletePercent: 20})
	ops := map[string]int{}
	size := 0
	for i := range 2000 {
		x, y := a.Next(), b.Next()
		for j := range x {
			if !bytes.Equal(x[j].Value, y[j].Value) || !bytes.Equal(x[j].Key, y[j].Key) {
				t.Fatalf("event %d differs between two generators of one seed", i)
			}
		}
		var e struct {
			Op    string
			After map[string]any
		}
		if err := json.Unmarshal(x[0].Value, &e); err != nil {
			t.Fatalf("%s: %v", x[0].Value, err)
		}
		if (e.Op == "d") != (e.After == nil) || (e.Op == "d") != (len(x) == 2) {
			t.Fatalf("op %s with %d events and after %v", e.Op, len(x), e.After)
		}
		ops[e.Op]++
		if e.Op != "d" {
			size += len(x[0].Value)
		}
	}
	if ops["c"] < 50 || ops["u"] == 0 || ops["d"] == 0 {
		t.Errorf("operations: %v", ops)
	}
	if mean := size / (ops["c"] + ops["u"]); mean < 640 || mean > 700 {
		t.Errorf("an event has %d bytes on average, want about 670", mean)
	}
}

func BenchmarkNext(b *testing.B) {
	g := NewOrders(Options{Seed: 1, Keys: 1_000_000})
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(g.Next()[0].Value)))
	}
}
