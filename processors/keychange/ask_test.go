package keychange

import (
	"slices"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

func TestAnInsertGetsTheImageOfAnotherPartition(t *testing.T) {
	w := newWorld(t, 3)
	w.parts[1].remove(5, "old", "new", "large")
	results := w.parts[0].ask(5, "old", "new")
	if at, waits := w.parts[0].Waits(); !waits || at != 5 {
		t.Fatalf("it waits %v, at %d", waits, at)
	}
	w.run()
	w.parts[0].want(results, "large")
	if n := w.parts[0].count(w.parts[0].Metrics.Inserts, Filled); n != 1 {
		t.Errorf("%d inserts are counted as filled", n)
	}
}

// The deletion is read after the request: the answer waits for it.
func TestARequestWaitsForItsDeletion(t *testing.T) {
	w := newWorld(t, 2)
	results := w.parts[0].ask(5, "old", "new")
	w.run()
	if len(*results) > 0 {
		t.Fatal("the insert does not wait")
	}
	w.parts[1].remove(5, "old", "new", "large")
	w.run()
	w.parts[0].want(results, "large")
}

func TestARequestIsDeclinedWhenTheSourceIsRead(t *testing.T) {
	w := newWorld(t, 2)
	p := w.parts[1]
	p.end, p.endErr = 3, errNoEnd
	results := w.parts[0].ask(5, "old", "new")
	w.run()
	p.read() // its end is not answered
	if w.run(); len(*results) > 0 {
		t.Fatal("it is declined without the source's end")
	}
	p.endErr = nil
	if p.answerer.Awaits() {
		t.Error("an end is awaited that nobody knows")
	}
	if p.read(); p.answerer.Awaits() || p.answerer.Due(1<<40) {
		t.Error("the end that was reached is awaited still")
	}
	w.run()
	w.parts[0].want(results, "none")
	if n := p.count(p.Metrics.Answers, Declined); n != 1 || w.parts[0].count(w.parts[0].Metrics.Inserts, None) != 1 {
		t.Errorf("%d requests are counted as declined", n)
	}
	if err := p.answerer.attend(time.Now()); err != nil { // the state knows of the answer
		t.Fatal(err)
	}

	// The deletion comes all the same, also in another run.
	s := p.answerer.state
	p.begin(s)
	row := wire.AppendStateRow(nil, 7, &tables.Row{Offset: 5, Values: []tables.Value{tables.UnavailableValue()}})
	if err := w.parts[0].Asker.state.Put("new", row, state.Origin{Offset: 5}, false); err != nil {
		t.Fatal(err)
	}
	p.remove(5, "old", "new", "large")
	w.run()
	if !slices.Equal(w.parts[0].again, []string{"large"}) {
		t.Errorf("the row is filled late with %q", w.parts[0].again)
	}
}

// A deletion that found no row is a final no: nobody else is waited for.
func TestADeletionOfNothingIsAFinalAnswer(t *testing.T) {
	w := newWorld(t, 3)
	w.parts[1].remove(5, "old", "new", "")
	results := w.parts[0].ask(5, "old", "new")
	w.run()
	w.parts[0].want(results, "none")
	if n := w.parts[1].count(w.parts[1].Metrics.Answers, NoRow); n != 1 {
		t.Errorf("%d requests found no row", n)
	}
}

func TestAnInsertDoesNotWaitForEver(t *testing.T) {
	w := newWorld(t, 2)
	results := w.parts[0].ask(5, "old", "new")
	w.queue = nil // the other one is away
	for _, at := range []int64{4, 5} {
		offset, key := bus.Event{Kind: bus.WaitOver, Offset: at}.Carried()
		if err := w.parts[0].bus.Event(offset, string(key), nil); err != nil {
			t.Fatal(err)
		}
		if at == 4 && len(*results) > 0 {
			t.Error("the time of another record ends its wait")
		}
	}
	w.parts[0].want(results, "none")
	if n := w.parts[0].count(w.parts[0].Metrics.Inserts, Late); n != 1 {
		t.Errorf("%d inserts are counted as late", n)
	}
}

func TestTwoInsertsThatWaitForEachOtherGoOn(t *testing.T) {
	w := newWorld(t, 2)
	earlier, later := w.parts[0].ask(5, "a", "b"), w.parts[1].ask(9, "c", "d")
	w.run()
	w.parts[0].want(earlier, "none") // its deletion would have been before the other's insert
	w.parts[1].end = 10
	if len(*later) > 0 {
		t.Error("both have declined")
	}
	w.parts[0].remove(9, "c", "d", "large")
	w.run()
	w.parts[1].want(later, "large")
}

// Events from well after the insert say that its deletion does not come any more.
func TestARequestIsDeclinedWhenLaterEventsPass(t *testing.T) {
	w := newWorld(t, 2)
	results := w.parts[0].ask(5, "old", "new")
	w.run()
	for _, at := range []int64{5, 7} {
		w.parts[1].answerer.Passes(&tables.Change{Op: tables.Upsert, Time: at * 1_000_000, Source: position(uint64(at))})
		w.run()
		if declined := len(*results) > 0; declined != (at == 7) {
			t.Errorf("behind an event at %d it is declined %v", at, declined)
		}
	}
}

func TestTooManyRequestsAreDeclinedAtOnce(t *testing.T) {
	w := newWorld(t, 2)
	w.parts[1].answerer.count = MaxOpen
	results := w.parts[0].ask(5, "old", "new")
	w.run()
	w.parts[0].want(results, "none")
	if n := w.parts[1].count(w.parts[1].Metrics.Answers, Crowded); n != 1 {
		t.Errorf("%d requests are counted as declined early", n)
	}
}
