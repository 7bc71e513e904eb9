package bootstrap

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
)

// atEnd has the partition read the source again, up to its end.
func (p *partition) atEnd(from, until int64) {
	p.change(func(s *wire.Bootstrap) { s.Phase, s.From, s.Until = wire.BootstrapReplaying, from, until })
	p.done, p.next = until, until
}

func (p *partition) end(want bool) error {
	p.t.Helper()
	ok, err := p.End(p.t.Context(), p.next)
	if ok != want {
		p.t.Errorf("the run goes on: %v, want %v", ok, want)
	}
	return err
}

func TestAReplayEndsWhereItWasToEnd(t *testing.T) {
	p := newPartition(t, seed.Adopt)
	if p.Due(10) {
		t.Error("it ends before it has begun")
	}
	p.atEnd(5, 10)
	if p.Due(9) || !p.Due(10) {
		t.Errorf("due before 9: %v, before 10: %v", p.Due(9), p.Due(10))
	}
	if err := p.end(true); err != nil {
		t.Fatal(err)
	}
	if !p.Filled() || p.Due(10) || len(p.reported) != 1 || p.reported[0].Source != 10 || p.reported[0].Finished == 0 {
		t.Errorf("told %+v", p.reported)
	}
	if !p.Needed() {
		t.Error("the run that has filled the partition forgets it")
	}
	if err := p.Partition.Open(t.Context()); err != nil || p.Needed() {
		t.Errorf("the next run fills it again: %v", err)
	}
}

func TestOlderRowsAreTakenOverUnderTheNewestStamp(t *testing.T) {
	p := newPartition(t, seed.Adopt)
	p.atEnd(5, 10)
	p.previous("kept", stateRow(3, "old"))
	p.previous("told", stateRow(3, "old"))
	p.put("told", 7, "new")
	p.previous("unusable", stateRow(6, "of an event that was read again"))
	if err := p.end(true); err != nil {
		t.Fatal(err)
	}
	if s := p.get(); s.Adopted != 2 || s.Swept != 0 {
		t.Errorf("counted %+v", s)
	}
	if len(p.rows) != 2 {
		t.Fatalf("%d rows were written", len(p.rows))
	}
	for i, want := range []struct {
		key string
		at  int64
	}{{"kept", 3}, {"unusable", 4}} {
		if got := p.rows[i]; got.key != want.key || got.offset != 9 || got.row.Offset != want.at {
			t.Errorf("%s was written under %d, with the offset %d", got.key, got.offset, got.row.Offset)
		}
	}
}

func TestAnInterruptedAdoptionKnowsItsOwnRows(t *testing.T) {
	p := newPartition(t, seed.Adopt)
	p.atEnd(5, 10)
	p.previous("a", stateRow(3, "old"))
	p.put("a", 3, "old")
	if err := p.end(true); err != nil {
		t.Fatal(err)
	}
	if s := p.get(); s.Adopted != 1 || len(p.rows) != 1 || p.rows[0].offset != 9 {
		t.Errorf("counted %+v, written %+v", s, p.rows)
	}
}

func TestASweepLeavesOlderRowsOut(t *testing.T) {
	p := newPartition(t, seed.Sweep)
	p.atEnd(5, 10)
	p.previous("gone", stateRow(3, "old"))
	p.previous("told", stateRow(3, "old"))
	p.put("told", 7, "new")
	p.change(func(s *wire.Bootstrap) { s.Old, s.Kept = 2, 2 })
	if err := p.end(true); err != nil {
		t.Fatal(err)
	}
	if s := p.get(); s.Swept != 1 || s.Adopted != 0 || len(p.rows) != 0 {
		t.Errorf("counted %+v, written %+v", s, p.rows)
	}
}

// What could not be reported is done once more: a successor must not find a partition live that may
// lack rows.
func TestAPartitionIsNotLiveBeforeThatIsTold(t *testing.T) {
	p := newPartition(t, seed.Adopt)
	p.atEnd(5, 10)
	p.previous("a", stateRow(3, "old"))
	p.refuse = errNotWritten
	if err := p.end(true); !errors.Is(err, errNotWritten) {
		t.Errorf("ended with %v", err)
	}
	if p.Filled() {
		t.Error("it is live")
	}
	if n, err := p.state.Previous.Count(); n != 1 || err != nil {
		t.Errorf("%d older rows are left, %v", n, err)
	}
}

func TestNothingIsToldBeforeAllIsAcknowledgedAndDone(t *testing.T) {
	p := newPartition(t, seed.Adopt)
	p.atEnd(5, 10)
	p.hold = true
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if ok, err := p.End(ctx, 10); ok || err != nil || p.Filled() {
		t.Errorf("goes on: %v, %v; filled: %v", ok, err, p.Filled())
	}
	p.hold, p.done, p.asked = false, 9, make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		_, err := p.End(t.Context(), 10)
		ended <- err
	}()
	<-p.asked
	<-p.asked // the first answer was not enough
	if len(ended) > 0 || p.Filled() {
		t.Error("ended before the last record was done")
	}
	p.mu.Lock()
	p.done = 10
	p.mu.Unlock()
	for over := false; !over; {
		select {
		case <-p.asked:
		case err := <-ended:
			over = true
			if err != nil || !p.Filled() {
				t.Errorf("%v, filled: %v", err, p.Filled())
			}
		}
	}
}

func TestARunThatIsOverEndsNoReplay(t *testing.T) {
	p := newPartition(t, seed.Adopt)
	p.atEnd(5, 10)
	p.silent = true
	if err := p.end(false); err != nil || len(p.reported) != 0 || len(p.events) != 1 {
		t.Errorf("%v, told %+v", err, p.reported)
	}
}

func TestAReplayIsToldOnceASecond(t *testing.T) {
	p := newPartition(t, seed.Adopt)
	if err := p.Tell(); err != nil || len(p.reported) != 0 {
		t.Fatalf("told %+v before it began, %v", p.reported, err)
	}
	p.atEnd(5, 10)
	for _, step := range []struct {
		after time.Duration
		done  int64
		want  int
	}{{0, 6, 1}, {lifeSign / 2, 7, 1}, {lifeSign / 2, 8, 2}} {
		p.now, p.done = p.now.Add(step.after), step.done
		if err := p.Tell(); err != nil || len(p.reported) != step.want {
			t.Errorf("told %d times, want %d, %v", len(p.reported), step.want, err)
		}
	}
	if p.reported[1].Source != 8 {
		t.Errorf("told %+v", p.reported[1])
	}
	next := newPartition(t, seed.Adopt)
	next.state = p.state // a run of the same process goes on there
	if ok, err := next.resumeReplay(); !ok || err != nil || next.next != 8 || !next.Replaying() {
		t.Errorf("goes on: %v, at %d, %v", ok, next.next, err)
	}
}
