package integration

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// TestProcessesAgreeOnBatches kills processes between batches and during them, and
// wipes one: what they list, the files and the rows of each batch are the same.
func TestProcessesAgreeOnBatches(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.change(200, 400)
	f.members["a"].CaughtUp(t, "orders")
	want := f.load.want()
	f.agree(f.take("a"))

	steps := []struct {
		name  string
		round func() (batch uint64)
	}{
		{"a view is away for a batch", func() uint64 {
			f.members["view"].Kill()
			f.change(200, 100)
			id := f.take("a")
			f.listed("a", id)
			f.change(200, 30)
			f.again("view", false)
			return id
		}},
		{"a view is killed during a batch", func() uint64 {
			id := f.take("b")
			f.members["view"].Kill()
			f.change(200, 50)
			f.again("view", false)
			return id
		}},
		{"a processor is killed during a batch", func() uint64 {
			f.change(200, 100)
			id := f.take("view")
			f.members["b"].Kill()
			f.change(200, 50)
			f.again("b", false)
			return id
		}},
		{"a process is wiped", func() uint64 {
			f.members["a"].Kill()
			f.change(200, 50)
			f.again("a", true)
			return f.take("b")
		}},
	}
	for _, s := range steps {
		t.Log(s.name)
		has := f.agree(s.round())
		t.Logf("batches: %v", has)
		f.same()
	}
	if has := f.agree(f.take("a")); has["b"] != 6 || has["view"] != 6 || has["a"] != 3 {
		t.Errorf("batches of each: %v; want all, and those since it was wiped of a", has)
	}
	for _, name := range []string{"b", "view"} {
		got, err := f.members[name].Page("orders", "as_of=1")
		if err != nil {
			t.Fatal(err)
		}
		harness.Same(t, want, got, "id")
	}
	f.unbroken()
}

// TestProcessesAgreeUnderLoad kills whoever the dice say, at any moment of batches and
// changes that continue.
func TestProcessesAgreeUnderLoad(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.change(5_000, 5_000) // so that a batch takes a while
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.load.run(ctx, 5_000, 1000) }()
	names := slices.Sorted(maps.Keys(f.members))
	for round := range 6 {
		victim, witness := names[round%3], names[(round+1)%3]
		id := f.take(witness)
		if f.dice.IntN(2) == 0 {
			f.listed(witness, id)
		}
		end := time.Now().Add(time.Duration(f.dice.IntN(250)) * time.Millisecond)
		harness.Poll(t, time.Minute, "at the moment to kill", func() bool { return time.Now().After(end) })
		f.members[victim].Kill()
		f.again(victim, round == 4)
		f.agree(f.take(witness))
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	f.same()
	f.agree(f.take("view"))
	f.unbroken()
}
