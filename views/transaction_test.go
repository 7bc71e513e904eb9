package views_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/kafkatest"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/progress"
)

// TestPositionsGoBehindMarkers ends the source with a committed transaction, and with
// aborted ones: the position that a client has from Kafka is reached, and reported.
func TestPositionsGoBehindMarkers(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	tx := w.newClient(kgo.TransactionalID("t"))
	source := func() *kgo.Record { return &kgo.Record{Topic: sourceName, Partition: 0, Value: []byte("{}")} }
	reached := func(want int64) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := v.WaitPosition(ctx, tables.Position{want}); err != nil {
			t.Fatalf("position %d: %v; the view is at %s", want, err, v.Position(v.Snapshot()))
		}
		if got := v.Position(v.Snapshot()); got.At(0) != want {
			t.Errorf("position %s, want %d", got, want)
		}
		await(t, "no record to be missing", func() bool { return v.metric("tidemark_view_lag_records") == 0 })
	}
	w.event(0, 2, "new", 1)                   // 0
	w.transaction(tx, kgo.TryAbort, source()) // 1, marker 2
	reached(3)
	w.transaction(tx, kgo.TryAbort, source(), source()) // 3, 4, marker 5: the stretch grows
	reached(6)
	w.transaction(tx, kgo.TryCommit, source()) // 6, marker 7
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := v.WaitPosition(short, tables.Position{7}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait for a record that is committed and not processed: %v", err)
	}
	w.fold(0, 2, row{status: "paid", offset: 6})
	reached(8)
	v.is(w)
}

// TestFollowersResumeBehindMarkers has clients come back to a process with what another has
// told: the id of its feed, which is before what was aborted, and its position, which
// is after the marker. Each gets the next change, once.
func TestFollowersResumeBehindMarkers(t *testing.T) {
	w := newWorld(t, 1)
	one := w.view(t.TempDir()).ready()
	source := func() *kgo.Record { return &kgo.Record{Topic: sourceName, Partition: 0, Value: []byte("{}")} }
	w.event(0, 2, "new", 1) // 0
	one.is(w)
	w.transaction(w.newClient(kgo.TransactionalID("t")), kgo.TryAbort, source(), source()) // 1, 2, marker 3
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := one.WaitPosition(ctx, tables.Position{4}); err != nil {
		t.Fatal(err)
	}
	feed, snap, err := one.Follow(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first := feed.From(snap.Version(), snap.Position(), nil)
	defer first.Close()
	ids := []tables.Position{first.Place(), one.Position(snap), {2}}

	other := w.view(t.TempDir()).ready()
	var readers []*changes.Reader
	for _, id := range ids {
		if err := other.WaitPosition(ctx, id); err != nil {
			t.Fatal(err)
		}
		feed, _, err := other.Follow(ctx)
		if err != nil {
			t.Fatal(err)
		}
		at, ok := other.Place(id, feed.Reached())
		r, err := feed.Resume(at, nil)
		if !ok || err != nil {
			t.Fatalf("resume at %s, which is %s: %v %v", id, at, ok, err)
		}
		defer r.Close()
		readers = append(readers, r)
	}
	w.fold(0, 3, row{status: "paid", offset: w.sourceEvent(0)}) // 4
	other.is(w)
	for i, r := range append(readers, first) {
		b, err := r.Next(ctx)
		if err != nil || len(b.Events) != 1 || b.Events[0].Next != 5 || b.After.At(0) != 5 {
			t.Errorf("reader %d: %+v, %v; want the change at 4", i, b, err)
		}
	}
}

// TestOpenTransactionIsToldOf leaves a transaction open: what the broker has behind it
// cannot be read, and nobody learns that all is here.
func TestOpenTransactionIsToldOf(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	w.event(0, 2, "new", 1) // 0
	current := func() bool {
		s := v.Freshness().State
		return s == progress.Fresh || s == progress.Idle
	}
	await(t, "all of the source to be here", current)
	tx := w.newClient(kgo.TransactionalID("t"))
	if err := tx.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	open := &kgo.Record{Topic: sourceName, Partition: 0, Value: []byte("{}")} // 1
	if err := tx.ProduceSync(t.Context(), open).FirstErr(); err != nil {
		t.Fatal(err)
	}
	hidden := w.sourceEvent(0) // 2: committed, and behind the open one
	await(t, "the age to grow", func() bool {
		f := v.Freshness()
		return f.State == progress.Lagging && f.Age > 1500*time.Millisecond
	})
	if got := v.metric("tidemark_view_lag_records"); got != 2 {
		t.Errorf("%v records are missing, want 2", got)
	}
	if got := v.metric("tidemark_view_age_seconds"); got < 1.5 {
		t.Errorf("age of %v s", got)
	}
	if got := v.Position(v.Snapshot()); got.At(0) != 1 {
		t.Errorf("position %s, want before the open transaction", got)
	}
	if err := kafkatest.EndTransaction(t.Context(), tx, kgo.TryAbort, sourceName); err != nil { // marker 3
		t.Fatal(err)
	}
	w.fold(0, 2, row{status: "paid", offset: hidden})
	await(t, "all of the source to be here again", func() bool {
		return current() && v.Position(v.Snapshot()).At(0) == 4
	})
}
