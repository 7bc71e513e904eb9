package views_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
)

func TestViewShowsRowsAndPositions(t *testing.T) {
	w := newWorld(t, 2)
	w.event(0, 2, "new", 10)
	w.event(1, 1, "new", 20)
	w.event(0, 4, "new", 30)
	v := w.view(t.TempDir()).ready()
	v.is(w)
	w.event(0, 2, "paid", 11)
	w.event(0, 4, "", 0)
	w.event(1, 3, "new", 40)
	v.is(w)
	w.event(0, 4, "again", 31)
	v.is(w)
	doc, found, err := v.Document(key(4))
	if err != nil || !found || string(doc) != `{"id":4,"status":"again"}` {
		t.Errorf("document %s, %v, %v", doc, found, err)
	}
	if _, found, err := v.Document(key(99)); found || err != nil {
		t.Errorf("document of no row: %v, %v", found, err)
	}
}

func TestHiddenRowsAreNotShown(t *testing.T) {
	w := newWorld(t, 1)
	w.event(0, 1, "new", 10)
	v := w.view(t.TempDir()).ready()
	v.is(w)
	w.fold(0, 1, row{status: "draft", offset: w.sourceEvent(0), hidden: true})
	v.is(w)
	if _, found, _ := v.Document(key(1)); found {
		t.Error("the document of a hidden row is shown")
	}
	w.event(0, 1, "new", 11)
	v.is(w)
}

func TestProgressMovesThePosition(t *testing.T) {
	w := newWorld(t, 2)
	w.event(0, 2, "new", 10)
	v := w.view(t.TempDir())
	v.is(w)
	for range 3 { // events that make no row
		w.parts[1].source = w.sourceEvent(1) + 1
	}
	if v.Snapshot().Position().Reaches(w.position()) {
		t.Error("the position moved before anyone told of progress")
	}
	w.tellProgress(1)
	v.is(w)
	v.ready()
}

func TestWaitEndsWithItsContext(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := v.WaitPosition(ctx, tables.Position{1}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait for a position that does not come: %v", err)
	}
	p := tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 1}
	if err := v.WaitSource(ctx, p); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait for a source position that does not come: %v", err)
	}
	if err := v.WaitPosition(ctx, nil); err != nil {
		t.Errorf("wait for what is reached, with a context that is over: %v", err)
	}
}

// TestWaitSource writes one transaction to two partitions; a third one is quiet.
func TestWaitSource(t *testing.T) {
	w := newWorld(t, 3)
	v := w.view(t.TempDir()).ready()
	for p := range int32(2) {
		w.event(p, int64(p), "new", 1) // their positions are 1000
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := v.WaitSource(ctx, tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 1000}); err != nil {
		t.Fatal(err)
	}
	v.is(w)
	at := w.sourceEvent(1) // not processed yet, while partition 0 is past it
	w.event(0, 0, "paid", 1)
	short, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	if err := v.WaitSource(short, tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 1001}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait with an unprocessed event: %v", err)
	}
	w.fold(1, 1, row{status: "paid", offset: at})
	if err := v.WaitSource(ctx, tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 1001}); err != nil {
		t.Error(err)
	}
}

// TestSourceTellsWhatIsNotWaitedFor compares what is reported of the database's log with what is
// waited for, while one partition is quiet and while one has an event that is not processed.
func TestSourceTellsWhatIsNotWaitedFor(t *testing.T) {
	w := newWorld(t, 3)
	v := w.view(t.TempDir()).ready()
	if p, ok := v.Source(); ok {
		t.Errorf("%+v is told before there is an event", p)
	}
	w.event(0, 0, "new", 1) // its position is 1000
	told := func() tables.SourcePosition {
		p, _ := v.Source()
		return p
	}
	await(t, "the first event's position to be told", func() bool { return told().Minor == 1000 })
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := v.WaitSource(over, told()); err != nil {
		t.Errorf("what is told is waited for: %v", err)
	}
	at := w.sourceEvent(1) // not processed yet, while partition 0 is past it
	w.event(0, 1, "paid", 1)
	await(t, "the later event to be there", func() bool { return v.Snapshot().Position().At(0) == 2 })
	polls := v.metric("tidemark_view_polls_total")
	await(t, "the ends to be asked for", func() bool { return v.metric("tidemark_view_polls_total") > polls+2 })
	if p := told(); p.Minor != 1000 {
		t.Errorf("%+v is told with an unprocessed event", p)
	}
	w.fold(1, 1, row{status: "paid", offset: at})
	await(t, "the later position to be told", func() bool { return told().Minor == 1001 })
	if err := v.WaitSource(over, told()); err != nil {
		t.Errorf("what is told later is waited for: %v", err)
	}
}

// TestSteadyStreamIsUndisturbed polls all the time while records come all the
// time: what is asked before is compared with what is read after.
func TestSteadyStreamIsUndisturbed(t *testing.T) {
	w, d := newWorld(t, 2), dice(t)
	v := w.view(t.TempDir(), func(o *views.Options) { o.PollEvery = time.Millisecond }).ready()
	w.random(d, 1500)
	v.is(w)
	if n := v.metric("tidemark_view_attempts_total"); n != 1 {
		t.Errorf("the view began %v times, want once", n)
	}
	if n := v.Status().Restarts; n != 0 {
		t.Errorf("the reader of the changelog was built again %d times", n)
	}
}
