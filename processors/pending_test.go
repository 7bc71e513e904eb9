package processors

import (
	"testing"
)

func queued(q *pending, off int64, a action, size int) bool {
	e := q.get()
	e.offset, e.action, e.size = off, a, size
	return q.push(e)
}

func TestSkippedEntriesAreDoneAtOnce(t *testing.T) {
	q := newPending(5, 10, 1000)
	queued(q, 5, doNothing, 1)
	if q.watermark() != 6 {
		t.Errorf("the watermark is %d, want 6", q.watermark())
	}
	queued(q, 8, doFold, 1) // offsets may have gaps
	queued(q, 9, doNothing, 1)
	if q.watermark() != 6 {
		t.Errorf("the watermark is %d: offset 8 is not done", q.watermark())
	}
	if q.finish(8) != 10 {
		t.Errorf("the watermark is %d, want 10", q.watermark())
	}
}

func TestAFullQueueTakesNothingAndTellsOfRoom(t *testing.T) {
	q := newPending(0, 4, 1000)
	for off := range int64(4) {
		if !queued(q, off, doFold, 1) {
			t.Fatalf("offset %d not taken", off)
		}
	}
	if queued(q, 4, doFold, 1) {
		t.Fatal("a fifth entry was taken")
	}
	select {
	case <-q.room():
		t.Fatal("room in a full queue")
	default:
	}
	q.finish(0)
	q.finish(1)
	<-q.room()
	if !queued(q, 4, doFold, 1) {
		t.Error("no room after half of it was done")
	}
	large := newPending(0, 100, 10)
	if !queued(large, 0, doFold, 50) {
		t.Error("an entry that is larger than the bound alone was not taken")
	}
	if queued(large, 1, doFold, 1) {
		t.Error("a second one was taken above the bound")
	}
}

func TestRewindBeginsAtWhatIsNotDone(t *testing.T) {
	q := newPending(0, 10_000, 1<<20)
	for off := range int64(3000) { // larger than the ring at first
		queued(q, off, doFold, 1)
		if e := q.take(off); e == nil || e.offset != off {
			t.Fatalf("take(%d) is %v", off, e)
		}
	}
	for off := range int64(1000) {
		q.finish(off)
	}
	q.finish(2000) // done out of order: its acknowledgement counts for nothing
	again := q.rewind()
	if len(again) != 2000 || again[0].offset != 1000 {
		t.Fatalf("%d entries from %d", len(again), again[0].offset)
	}
	for _, e := range again {
		if got := q.take(e.offset); got != e {
			t.Fatalf("take(%d) is %v", e.offset, got)
		}
		q.finish(e.offset)
	}
	if q.watermark() != 3000 || q.readNext() != 3000 {
		t.Errorf("watermark %d, next %d", q.watermark(), q.readNext())
	}
	if e := q.take(5000); e != nil {
		t.Errorf("an offset that was never queued is %v", e)
	}
}
