package pending

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
)

func queued(q *Queue, off int64, a Action, size int) bool {
	e := q.Get()
	e.Offset, e.Action, e.Size = off, a, size
	return q.Push(e)
}

func TestSkippedEntriesAreDoneAtOnce(t *testing.T) {
	q := New(5, 10, 1000, nil)
	queued(q, 5, Skip, 1)
	if q.Watermark() != 6 {
		t.Errorf("the watermark is %d, want 6", q.Watermark())
	}
	queued(q, 8, Fold, 1) // offsets may have gaps
	queued(q, 9, Skip, 1)
	if q.Watermark() != 6 {
		t.Errorf("the watermark is %d: offset 8 is not done", q.Watermark())
	}
	if q.Finish(8) != 10 {
		t.Errorf("the watermark is %d, want 10", q.Watermark())
	}
}

func TestAFullQueueTakesNothingAndTellsOfRoom(t *testing.T) {
	q := New(0, 4, 1000, nil)
	for off := range int64(4) {
		if !queued(q, off, Fold, 1) {
			t.Fatalf("offset %d not taken", off)
		}
	}
	if queued(q, 4, Fold, 1) {
		t.Fatal("a fifth entry was taken")
	}
	select {
	case <-q.Room():
		t.Fatal("room in a full queue")
	default:
	}
	q.Finish(0)
	q.Finish(1)
	<-q.Room()
	if !queued(q, 4, Fold, 1) {
		t.Error("no room after half of it was done")
	}
	large := New(0, 100, 10, nil)
	if !queued(large, 0, Fold, 50) {
		t.Error("an entry that is larger than the bound alone was not taken")
	}
	if queued(large, 1, Fold, 1) {
		t.Error("a second one was taken above the bound")
	}
}

func TestRewindBeginsAtWhatIsNotDone(t *testing.T) {
	q := New(0, 10_000, 1<<20, nil)
	for off := range int64(3000) { // larger than the ring at first
		queued(q, off, Fold, 1)
		if e := q.Take(off); e == nil || e.Offset != off {
			t.Fatalf("take(%d) is %v", off, e)
		}
	}
	for off := range int64(1000) {
		q.Finish(off)
	}
	q.Finish(2000) // done out of order: its acknowledgement counts for nothing
	again := q.Rewind()
	if len(again) != 2000 || again[0].Offset != 1000 {
		t.Fatalf("%d entries from %d", len(again), again[0].Offset)
	}
	for _, e := range again {
		if got := q.Take(e.Offset); got != e {
			t.Fatalf("take(%d) is %v", e.Offset, got)
		}
		q.Finish(e.Offset)
	}
	if q.Watermark() != 3000 || q.ReadNext() != 3000 {
		t.Errorf("watermark %d, next %d", q.Watermark(), q.ReadNext())
	}
	if e := q.Take(5000); e != nil {
		t.Errorf("an offset that was never queued is %v", e)
	}
}

func TestAQueueMayStartAnew(t *testing.T) {
	q := New(10, 2, 1000, nil)
	queued(q, 10, Fold, 1)
	queued(q, 11, Fold, 1)
	if queued(q, 12, Fold, 1) {
		t.Fatal("a third entry was taken")
	}
	q.NoteSeen(tables.SourcePosition{Kind: tables.SourcePostgres, Major: 7})
	q.Reset(3)
	low, seen := q.LowWatermark()
	if low != 3 || seen.Known() || q.ReadNext() != 3 || len(q.Rewind()) != 0 {
		t.Fatalf("it stands at %d and %+v, next is %d", low, seen, q.ReadNext())
	}
	if !queued(q, 3, Fold, 1) || q.Take(3) == nil {
		t.Error("the first entry was not taken")
	}
	if low := q.Finish(10); low != 3 {
		t.Errorf("an acknowledgement from before moves the watermark to %d", low)
	}
	if low := q.Finish(3); low != 4 {
		t.Errorf("the watermark is %d, want 4", low)
	}
}
