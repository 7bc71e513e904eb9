package views_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/kafkatest"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/progress"
)

// later is a clock that is ahead.
func later(by time.Duration) func(*views.Options) {
	return func(o *views.Options) { o.Clock = func() time.Time { return time.Now().Add(by) } }
}

// forget removes the oldest records of a topic's partition, as compaction and
// the retention of tombstones do in time.
func (w *world) forget(topic string, p int32, before int64) {
	w.t.Helper()
	var all kadm.Offsets
	all.Add(kadm.Offset{Topic: topic, Partition: p, At: before})
	resp, err := kadm.NewClient(w.client).DeleteRecords(w.t.Context(), all)
	if err == nil {
		err = resp.Error()
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestARowThatWasDeletedLongAgoStaysGone has a row on disk and in a batch file that was deleted while the view
// was away, for so long that its tombstone is gone too.
func TestARowThatWasDeletedLongAgoStaysGone(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	w.event(0, 1, "zombie", 1)
	v.sealed(w.takeBatch())
	v.is(w)
	v.stop()
	w.event(0, 1, "", 0)
	w.event(0, 2, "new", 2)
	w.forget(w.names.Table, 0, 2)
	w.forget(w.names.Snapshot, 0, 1)
	v = w.view(v.dir, later(8*24*time.Hour)).ready()
	v.is(w)
	if got := v.Status().Origin; got != "changelog" {
		t.Errorf("the rows came from the %s, want the changelog", got)
	}
}

// transaction writes records in a transaction, whose marker then is the end of
// their partition.
func (w *world) transaction(tx *kgo.Client, end kgo.TransactionEndTry, recs ...*kgo.Record) {
	w.t.Helper()
	if err := tx.BeginTransaction(); err != nil {
		w.t.Fatal(err)
	}
	if err := tx.ProduceSync(w.t.Context(), recs...).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
	var topics []string
	for _, r := range recs {
		topics = append(topics, r.Topic)
	}
	if err := kafkatest.EndTransaction(w.t.Context(), tx, end, topics...); err != nil {
		w.t.Fatal(err)
	}
}

// TestMarkersAtTheEndsAreReached has transactions' markers at the end of the source topic and of the
// changelog: nobody is ever given these offsets.
func TestMarkersAtTheEndsAreReached(t *testing.T) {
	w := newWorld(t, 2)
	tx := w.newClient(kgo.TransactionalID("t"))
	w.event(0, 2, "new", 1)
	r := row{status: "new", total: 5, offset: 1}
	w.transaction(tx, kgo.TryCommit, &kgo.Record{Topic: sourceName, Partition: 0, Value: []byte("{}")},
		&kgo.Record{Topic: w.names.Table, Partition: 0, Key: []byte(key(4)), Value: w.stateRow(4, r), Headers: stamp(1)})
	w.parts[0].rows[4], w.parts[0].source = r, 2
	v := w.view(t.TempDir()).ready()
	v.is(w)
	await(t, "all of the source to be here", func() bool {
		s := v.Freshness().State
		return s == progress.Fresh || s == progress.Idle
	})
	w.event(0, 2, "paid", 2)
	v.is(w)
}

// TestReadsGoOnWithoutTheBroker takes the broker away: reads continue, and the view by itself when it is back.
func TestReadsGoOnWithoutTheBroker(t *testing.T) {
	w := newWorld(t, 2)
	v := w.view(t.TempDir()).ready()
	w.event(0, 2, "new", 1)
	v.is(w)
	back := w.outage()
	await(t, "the view to notice", func() bool { return v.Freshness().State == progress.Disconnected })
	if got := rowsOf(t, v.Snapshot()); len(got) != 1 || !v.Ready() {
		t.Errorf("%d rows, ready %v during the outage; want reads to go on", len(got), v.Ready())
	}
	if _, found, err := v.Document(key(2)); !found || err != nil {
		t.Errorf("document during the outage: %v, %v", found, err)
	}
	back()
	w.event(1, 3, "new", 2)
	v.is(w)
	await(t, "freshness to come back", func() bool { return v.Freshness().State == progress.Fresh })
}

// TestReadyMeansAllThatWasThere looks at rows from the moment that the view calls itself ready: all
// that the topics had at its start must be there.
func TestReadyMeansAllThatWasThere(t *testing.T) {
	w, d := newWorld(t, 2), dice(t)
	w.random(d, 300)
	for range 3 {
		v := w.view(t.TempDir())
		if v.Ready() {
			t.Error("ready before anything was read")
		}
		if _, _, err := v.Document(key(1)); err == nil && !v.Ready() && v.Status().Origin == "" {
			t.Error("a document before there are rows")
		}
		v.ready()
		if !v.Snapshot().Position().Reaches(w.position()) {
			t.Errorf("ready at %s, the topics ended at %s", v.Snapshot().Position(), w.position())
		}
		v.is(w)
		v.stop()
	}
}

// TestTheLagIsKnownAfterARestart wants the lag to be known at once after a restart.
func TestTheLagIsKnownAfterARestart(t *testing.T) {
	w := newWorld(t, 2)
	v := w.view(t.TempDir()).ready()
	w.event(0, 2, "new", 1)
	w.event(1, 3, "new", 1)
	v.is(w)
	v.stop()
	for range 5 {
		w.sourceEvent(1) // read by nobody
	}
	v = w.view(v.dir)
	await(t, "the lag to be known", func() bool { return v.metric("tidemark_view_lag_records") == 5 })
	if v.Ready() {
		t.Error("ready although the source's end at the start is not reached")
	}
	w.parts[1].source = 6
	w.tellProgress(1)
	v.ready()
}

// TestGuard6c has a paused processor's late records in the changelog: they are
// older than what is there of their keys, and must not win, now or after a restart.
func TestGuard6c(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	w.event(0, 1, "old", 1) // source offset 0
	w.event(0, 2, "old", 1)
	w.event(0, 3, "old", 1)
	w.event(0, 1, "new", 2)
	w.event(0, 2, "", 0)
	late := func() {
		for id := range int64(3) {
			w.parts[0].changelog = w.produce(&kgo.Record{
				Topic: w.names.Table, Key: []byte(key(id + 1)), Headers: stamp(id), Value: w.stateRow(id+1, row{status: "old", total: 1, offset: id}),
			})[0] + 1
		}
	}
	late()
	w.event(0, 4, "new", 3)
	v.is(w)
	if n := v.metric("tidemark_view_stale_records_total"); n != 2 {
		t.Errorf("%v records were held for stale, want those of the keys 1 and 2", n)
	}
	id := w.takeBatch()
	v.sealed(id)
	late() // behind the cut
	w.event(0, 1, "newer", 3)
	w.event(0, 3, "", 0)
	late()
	w.event(0, 5, "new", 3)
	v.is(w)
	v.stop()
	late()
	w.event(0, 6, "new", 3)
	v = w.view(v.dir).ready()
	v.is(w)
	if got := v.Status().Origin; got != "batch file" {
		t.Errorf("origin %q, want the batch file: its stretch is what is read again", got)
	}
	v.sealed(w.takeBatch())
	v.is(w)
	if n := v.metric("tidemark_view_rebuilds_total"); n != 0 {
		t.Errorf("rows were built again %v times", n)
	}
}

// TestRowsOfOtherColumnsAreNotMixed has rows in the changelog that were written
// with other columns: the view says so instead of showing some of the rows.
func TestRowsOfOtherColumnsAreNotMixed(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	w.event(0, 1, "new", 1)
	v.is(w)
	other := w.stateRow(2, row{status: "new", offset: 1})
	other[5] ^= 0xff // the fingerprint's last byte
	w.produce(&kgo.Record{Topic: w.names.Table, Key: []byte(key(2)), Value: other, Headers: stamp(w.sourceEvent(0))})
	await(t, "the view to refuse", func() bool { return !v.Ready() })
	if s := v.Status(); s.Note == "" || s.Ready {
		t.Errorf("status %+v, want a note", s)
	}
	w.event(0, 2, "again", 1)
	v.ready().is(w)
}

func TestUnreadableRecordsAreCountedAndPassed(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	w.produce(
		&kgo.Record{Topic: w.names.Table, Key: []byte(key(1)), Value: []byte{9, 9, 9}},
		&kgo.Record{Topic: w.names.Table, Key: nil, Value: w.stateRow(1, row{status: "x"})},
		&kgo.Record{Topic: w.names.Table, Key: []byte("no key"), Value: w.stateRow(1, row{status: "x"})},
		&kgo.Record{Topic: w.names.Table, Key: []byte(key(1)), Value: w.stateRow(1, row{status: "x"}), Headers: []kgo.RecordHeader{{Key: "t", Value: []byte("short")}}},
		&kgo.Record{Topic: w.names.Progress, Key: []byte("x"), Value: []byte("y")},
		&kgo.Record{Topic: w.names.Batches, Key: []byte("x"), Value: []byte("y")},
	)
	w.event(0, 2, "new", 1)
	await(t, "the records to be counted", func() bool { return v.metric("tidemark_view_unreadable_records_total") >= 5 })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := v.WaitPosition(ctx, tables.Position{1}); err != nil {
		t.Fatal(err)
	}
	if _, ok := v.Snapshot().Lookup(key(2), nil); !ok {
		t.Error("the row behind the unreadable records is not there")
	}
}

func TestFreshnessOfAView(t *testing.T) {
	w := newWorld(t, 2)
	v := w.view(t.TempDir())
	if f := v.Freshness(); f.State == progress.Fresh || f.State == progress.Idle {
		t.Errorf("%+v before the brokers were asked", f)
	}
	v.ready()
	w.event(0, 1, "new", 1)
	v.is(w)
	await(t, "fresh", func() bool { f := v.Freshness(); return f.State == progress.Fresh && f.Age < time.Second })
	w.sourceEvent(1)
	await(t, "lagging", func() bool { return v.Freshness().State == progress.Lagging })
	w.parts[1].source++
	w.tellProgress(1)
	await(t, "fresh again", func() bool { return v.Freshness().State == progress.Fresh })
	if got := fmt.Sprint(v.Snapshot().Position()); got != "0:1,1:1" {
		t.Errorf("position %s", got)
	}
}
