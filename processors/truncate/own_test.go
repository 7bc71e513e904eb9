package truncate

import (
	"context"
	"slices"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

func TestATruncateWaitsForTheOtherPartitions(t *testing.T) {
	p := newPartition(t, 0, 3)
	p.put("a", 1, 1)
	p.put("b", 4, 1)
	results := p.meet(Event{Offset: 5})
	if !slices.Equal(p.to, []int32{0, 1, 2}) || p.sent[0].Kind != wire.TruncateControl || p.sent[0].Offset != 5 {
		t.Errorf("%+v was sent to %v", p.sent, p.to)
	}
	p.control(1, wire.Control{Kind: wire.TruncatedControl, Partition: 1, Offset: 5})
	p.control(2, wire.Control{Kind: wire.TruncatedControl, Partition: 2, Offset: 3}) // of an earlier run
	if at, waits := p.Waits(); !waits || at != 5 || len(p.gone) > 0 || len(*results) > 0 {
		t.Errorf("it waits %v, at %d; %d rows are gone, told %v", waits, at, len(p.gone), *results)
	}
	p.control(3, wire.Control{Kind: wire.TruncatedControl, Partition: 2, Offset: 5})
	if _, waits := p.Waits(); waits || !isDone(results) || p.Emptied() != 5 || len(p.rows()) > 0 {
		t.Errorf("it waits %v, told %v, emptied at %d, rows %v", waits, *results, p.Emptied(), p.rows())
	}
	// The row of the record before the truncate goes last, and under the truncate's own offset.
	if want := []tombstone{{"a", 5, 4}, {"b", 5, 5}}; !slices.Equal(p.gone, want) {
		t.Errorf("the tombstones are %v, want %v", p.gone, want)
	}
	if !slices.Equal(p.finished, []int64{1, 2, 3}) {
		t.Errorf("the records %v are done", p.finished)
	}
}

func TestATruncateIsDoneWhenItsTombstonesAre(t *testing.T) {
	p := newPartition(t, 0, 1)
	p.put("a", 1, 1)
	p.hold = true
	results := p.meet(Event{Offset: 5})
	for i, ack := range p.unacked {
		if len(*results) > 0 {
			t.Fatalf("it is done with %d of %d acknowledgements", i, len(p.unacked))
		}
		ack(nil)
	}
	if !isDone(results) || len(p.unacked) != 2 { // the control record, and the tombstone
		t.Errorf("told %v, of %d acknowledgements", *results, len(p.unacked))
	}
}

// A truncate that is interrupted has left rows: it is not done.
func TestATruncateThatIsInterruptedIsNotDone(t *testing.T) {
	p := newPartition(t, 0, 1)
	p.put("k", 1, 1)
	p.over = context.Canceled
	var results []error
	if err := p.Meet(&Event{Offset: 5}, func(err error) { results = append(results, err) }); err == nil {
		t.Error("the truncate has not failed")
	}
	if len(results) != 1 || results[0] == nil {
		t.Errorf("told %v, want that it is not done", results)
	}
}

// What an earlier attempt has removed from the state is written again: its tombstones may not have
// reached the changelog.
func TestWhatAnEarlierAttemptHasRemovedIsWrittenAgain(t *testing.T) {
	p := newPartition(t, 0, 1)
	p.put("a", 1, 1)
	p.put("b", 1, 1)
	p.meet(Event{Offset: 5})
	p.put("b", 7, 9) // inserted since
	p.gone = nil
	if p.meet(Event{Offset: 5}); !slices.Equal(p.gone, []tombstone{{"a", 5, 4}}) {
		t.Errorf("the tombstones are %v", p.gone)
	}
}

func TestWhatWasKeptOfTruncatesIsTakenUp(t *testing.T) {
	p := newPartition(t, 0, 2)
	p.control(1, wire.Control{Kind: wire.TruncateControl, Partition: 0, Offset: 3}) // of a run before
	p.control(2, wire.Control{Kind: wire.TruncateControl, Partition: 1, Offset: 8, Time: 50})
	next := New(p.Options)
	if err := next.Begin(p.state); err != nil {
		t.Fatal(err)
	}
	if next.Emptied() != 3 || next.watermark != p.watermark || next.watermark.until != 10 {
		t.Errorf("emptied at %d, the watermark is %+v", next.Emptied(), next.watermark)
	}
	if empty := New(p.Options); empty.Emptied() != state.Unknown {
		t.Errorf("without a state it was emptied at %d", empty.Emptied())
	}
}
