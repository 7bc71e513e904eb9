package processors

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/outrun"
	"github.com/tidemark/tidemark/tables"
)

// spelled is a record of a key whose bytes lead to a partition.
func (w *world) spelled(partition int32, r *kgo.Record) *kgo.Record {
	w.t.Helper()
	plain := string(r.Key)
	for n := range 100 {
		r.Key = []byte(strings.Replace(plain, ":", ":"+strings.Repeat(" ", n), 1))
		if w.home(r.Key) == partition {
			return r
		}
	}
	w.t.Fatalf("no spelling of %s leads to partition %d", plain, partition)
	return nil
}

func (w *world) set(partition int32, id int, v string, lsn int) {
	w.t.Helper()
	w.produce(w.spelled(partition, &kgo.Record{Key: keyJSON(id), Value: rowJSON("u", id, v, lsn)}))
}

func (w *world) unset(partition int32, id, lsn int) {
	w.t.Helper()
	w.produce(w.spelled(partition, &kgo.Record{Key: keyJSON(id), Value: rowJSON("d", id, "", lsn)}))
}

// copyOf is the newest record that a partition's changelog has of a key, nil without one.
func (w *world) copyOf(partition int32, id int) *kgo.Record {
	w.t.Helper()
	return w.copies(partition)[string(w.canonical(id))]
}

// copies are the newest records that a partition's changelog has, by their keys.
func (w *world) copies(partition int32) map[string]*kgo.Record {
	w.t.Helper()
	out := map[string]*kgo.Record{}
	for _, r := range w.read(w.names.Table) {
		if r.Partition == partition {
			out[string(r.Key)] = r
		}
	}
	return out
}

func precedenceOf(t *testing.T, r *kgo.Record) (at tables.Precedence, deletion bool) {
	t.Helper()
	if r.Value != nil {
		s, err := wire.ParseStateRow(r.Value)
		if err != nil {
			t.Fatal(err)
		}
		return s.Precedence(), false
	}
	d, err := wire.ParseDeletion([]byte(headers(r)[wire.DeletionName]))
	if err != nil {
		t.Fatal(err)
	}
	return d.Precedence(), true
}

// named is what a view says of a key whose latest change is in one partition.
func (w *world) named(id int, winner int32, losing ...int32) wire.DuplicateKey {
	w.t.Helper()
	return w.namedBy(w.copyOf(winner, id), losing...)
}

// namedBy is what a view says of the key whose latest change is in a record of the changelog.
func (w *world) namedBy(r *kgo.Record, losing ...int32) wire.DuplicateKey {
	w.t.Helper()
	at, deletion := precedenceOf(w.t, r)
	return wire.DuplicateKey{
		Outrun: wire.Outrun{Key: tables.Key(r.Key), Later: at}, Partition: r.Partition, Deletion: deletion, Losing: losing,
	}
}

func givesUp(r *kgo.Record) bool {
	return r != nil && r.Value == nil && wire.IsGivenUp([]byte(headers(r)[wire.DeletionName]))
}

// gaveUp reports whether a partition's newest record of a key gives its row up.
func (w *world) gaveUp(partition int32, id int) bool { return givesUp(w.copyOf(partition, id)) }

// giveUp names a key again and again, as views do, until the row is given up.
func (w *world) giveUp(i *instance, id int, winner, loser int32) {
	w.t.Helper()
	d := w.named(id, winner, loser)
	until(w.t, "the row is given up", func() bool {
		i.Outrun([]wire.DuplicateKey{d})
		return w.gaveUp(loser, id)
	})
}

// met waits until the control records so far are done.
func (w *world) met() {
	w.t.Helper()
	w.batch()
}

func TestARowIsGivenUpForALaterChangeOfAnotherPartition(t *testing.T) {
	for name, deleted := range map[string]bool{"a row": false, "a deletion": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 2)
			metrics := prometheus.NewRegistry()
			i := w.start(t.TempDir(), func(o *Options) { o.Registerer = metrics })
			w.set(1, 1, "old", 10)
			w.set(1, 2, "another", 11)
			if w.set(0, 1, "new", 20); deleted {
				w.unset(0, 1, 30)
			}
			w.caughtUp(i)
			before, _ := precedenceOf(t, w.copyOf(0, 1))
			row := w.copyOf(1, 1)
			w.giveUp(i, 1, 0, 1)
			gone := w.copyOf(1, 1)
			d, err := wire.ParseDeletion([]byte(headers(gone)[wire.DeletionName]))
			if err != nil || d.Precedence() != before || d.SourcePartition != 1 || d.NewKey != "" || d.Truncate {
				t.Errorf("the tombstone says %+v (%v), want the precedence %+v of partition 0", d, err, before)
			}
			if is, was := headers(gone)[wire.StampName][:8], headers(row)[wire.StampName][:8]; is != was {
				t.Errorf("the tombstone's stamp is %x, the row's was %x", is, was)
			}
			if r := w.copyOf(0, 1); (r.Value == nil) != deleted || w.gaveUp(0, 1) {
				t.Error("the later change is not as it was")
			}
			if w.copyOf(1, 2).Value == nil {
				t.Error("another row was given up, too")
			}
			if n := counter(t, i.metrics.givenUp); n != 1 {
				t.Errorf("%v rows are counted as given up", n)
			}
		})
	}
}

func TestARowIsNotGivenUpForWhatIsNotLater(t *testing.T) {
	w := newWorld(t, 2)
	i := w.start(t.TempDir())
	w.set(1, 1, "row", 20)
	w.set(1, 2, "row", 20)
	w.set(0, 2, "later", 30)
	w.caughtUp(i)
	at, _ := precedenceOf(t, w.copyOf(1, 1))
	earlier, other, nothing, same := at, at, tables.Precedence{}, at
	earlier.Source.Minor, earlier.Time, earlier.Logged = 5, at.Time+1, at.Logged+1000
	other.Source.Epoch++ // of another log, at the same moment
	nothing.Source.Kind = tables.SourceMySQL
	var asks []wire.Outrun
	for _, o := range []tables.Precedence{earlier, other, nothing, same} {
		asks = append(asks, wire.Outrun{Key: w.canonical(1), Later: o})
	}
	body := string(wire.AppendOutruns(nil, asks))
	now := time.Now().UnixMicro()
	later, _ := precedenceOf(t, w.copyOf(0, 2))
	valid := string(wire.AppendOutruns(nil, []wire.Outrun{{Key: w.canonical(2), Later: later}}))
	// Not behind a batch: until the partition knows that its own is made, it reads no request.
	w.produceRaw(w.control(1, wire.Control{Kind: wire.GiveUp, Started: now, Partition: 0, Body: "\x01bad"}))
	until(t, "the request that cannot be read", func() bool { return counter(t, i.metrics.unreadable) > 0 })
	i.KeepRows(true) // while another generation is filled
	w.produceRaw(w.control(1, wire.Control{Kind: wire.GiveUp, Started: now, Partition: 0, Body: valid}))
	w.met()
	i.KeepRows(false)
	w.produceRaw(
		w.control(1, wire.Control{Kind: wire.GiveUp, Started: now, Partition: 0, Body: body}),
		w.control(1, wire.Control{Kind: wire.GiveUp, Started: now, Partition: 1, Body: valid}),                                      // of itself
		w.control(1, wire.Control{Kind: wire.GiveUp, Started: now, Partition: 7, Body: valid}),                                      // of none
		w.control(1, wire.Control{Kind: wire.GiveUp, Started: now - outrun.AskedFor.Microseconds() - 1, Partition: 0, Body: valid}), // of long ago
		w.control(1, wire.Control{Kind: wire.GiveUp, Started: now, Batch: 2, Partition: 0, Body: valid}),                            // behind a batch that is still to be met
	)
	w.met()
	for id := 1; id <= 2; id++ {
		if r := w.copyOf(1, id); r.Value == nil {
			t.Errorf("row %d was given up", id)
		}
	}
	if n := counter(t, i.metrics.unreadable); n != 1 {
		t.Errorf("%v records are counted as unreadable, want the one that is", n)
	}
	w.giveUp(i, 2, 0, 1) // it could be, all the while
}

// newOutrunWorld has a key with a row in partition 1 and a later one in partition 0, and a
// process that has read both.
func newOutrunWorld(t *testing.T) (*world, *instance) {
	t.Helper()
	w := newWorld(t, 2)
	i := w.start(t.TempDir())
	w.set(1, 1, "old", 10)
	w.set(0, 1, "new", 20)
	w.caughtUp(i)
	return w, i
}

// newGivenUpWorld is newOutrunWorld after partition 1 has given its row up.
func newGivenUpWorld(t *testing.T) (*world, *instance) {
	t.Helper()
	w, i := newOutrunWorld(t)
	w.giveUp(i, 1, 0, 1)
	return w, i
}

func TestOnlyWhatTheStateSaysIsAskedFor(t *testing.T) {
	w, i := newOutrunWorld(t)
	stale := w.named(1, 0, 1)
	w.set(0, 1, "newer", 30)
	w.caughtUp(i)
	i.Outrun([]wire.DuplicateKey{stale}) // of a view that is behind
	until(t, "what was named is looked at", func() bool { return !i.outruns.Waiting(0) })
	w.met()
	if n := w.controls(wire.GiveUp); n != 0 {
		t.Errorf("%d requests were written for a change that is not the latest any more", n)
	}
	w.giveUp(i, 1, 0, 1)
}

func TestWhatOthersOwnIsNotKept(t *testing.T) {
	w := newWorld(t, 2)
	p, err := New(Options{Table: w.table, Kafka: w.settings, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	p.Outrun([]wire.DuplicateKey{{Outrun: wire.Outrun{Key: "k"}, Losing: []int32{1}}})
	if p.outruns.Waiting(0) {
		t.Error("it is kept by a process that owns nothing")
	}
	p.status.running(0)
	p.Outrun([]wire.DuplicateKey{{Outrun: wire.Outrun{Key: "k"}, Losing: []int32{1}}})
	if !p.outruns.Waiting(0) {
		t.Error("it is not kept by the process that owns the partition")
	}
}

// readAgain lets the next owners begin at the start of the source.
func (w *world) readAgain() {
	w.t.Helper()
	offsets := kadm.Offsets{}
	for p := range w.parts {
		offsets.Add(kadm.Offset{Topic: sourceTopic, Partition: p, At: 0, LeaderEpoch: -1})
	}
	if err := kadm.NewClient(w.client).CommitAllOffsets(w.t.Context(), w.names.Group, offsets); err != nil {
		w.t.Fatal(err)
	}
}

// TestReadingAgainDoesNotBringAGivenUpRowBack reads the source, the changelog and the control
// topic again after a row was given up, with and without the local state.
func TestReadingAgainDoesNotBringAGivenUpRowBack(t *testing.T) {
	w := newWorld(t, 2)
	dir := t.TempDir()
	i := w.start(dir)
	w.set(1, 1, "older", 5)
	w.set(1, 1, "old", 10)
	w.set(0, 1, "new", 20)
	w.caughtUp(i)
	w.giveUp(i, 1, 0, 1)
	i.stop()
	for _, dir := range []string{dir, t.TempDir()} {
		w.readAgain()
		i := w.start(dir)
		w.caughtUp(i)
		_, ms := w.batch()
		if !w.gaveUp(1, 1) {
			t.Fatalf("partition 1 has a row again: %q", w.copyOf(1, 1).Value)
		}
		if ms[1].Rows != 0 || ms[0].Rows != 1 {
			t.Errorf("the batch has %d and %d rows, want 1 and 0", ms[0].Rows, ms[1].Rows)
		}
		i.stop()
	}
	w.staleRecords()
}

// TestALateCopyOfAGivenUpRowIsRepaired has a writer that had lost the partition write the row
// once more, behind its tombstone, under the same stamp, which is the newest one.
func TestALateCopyOfAGivenUpRowIsRepaired(t *testing.T) {
	for _, c := range []struct {
		name          string
		kept, another bool
	}{
		{name: "with the state", kept: true},
		{name: "with an empty disk"},
		{name: "with an empty disk, an older row being given up since", another: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, 2)
			dir := t.TempDir()
			i := w.start(dir)
			w.set(1, 2, "older", 5)
			w.set(1, 1, "old", 10)
			w.set(0, 1, "new", 20)
			w.set(0, 2, "new", 21)
			w.caughtUp(i)
			row := w.copyOf(1, 1)
			w.giveUp(i, 1, 0, 1)
			if c.another {
				w.giveUp(i, 2, 0, 1)
			}
			i.stop()
			w.produceRaw(&kgo.Record{Topic: row.Topic, Partition: 1, Key: row.Key, Value: row.Value, Headers: row.Headers})
			if !c.kept {
				dir = t.TempDir()
			}
			i = w.start(dir)
			until(t, "the row is given up again", func() bool { return w.gaveUp(1, 1) })
			if n := counter(t, i.metrics.folding.Repaired); n != 1 {
				t.Errorf("%v rows were repaired, want the one", n)
			}
			_, ms := w.batch()
			want := int64(1)
			if c.another {
				want = 0
			}
			if ms[1].Rows != want {
				t.Errorf("the batch has %d rows of partition 1, want %d", ms[1].Rows, want)
			}
		})
	}
}

// TestGivingUpSurvivesAFailure lets the changelog refuse the tombstone: the state has it then,
// and the request is dealt with again, by this process or by another one.
func TestGivingUpSurvivesAFailure(t *testing.T) {
	for name, moved := range map[string]bool{"here": false, "by another process": true} {
		t.Run(name, func(t *testing.T) {
			w, i := newOutrunWorld(t)
			d := w.named(1, 0, 1)
			fault := w.failing(1)
			until(t, "the tombstone is refused", func() bool {
				i.Outrun([]wire.DuplicateKey{d})
				return counter(t, i.metrics.givenUp) > 0 && counter(t, i.metrics.failures) > 0
			})
			if moved {
				i.stop()
			}
			fault.Remove()
			if moved {
				i = w.start(t.TempDir())
			}
			until(t, "the row is given up", func() bool { return w.gaveUp(1, 1) })
			w.caughtUp(i)
			_, ms := w.batch()
			if ms[1].Rows != 0 || ms[0].Rows != 1 {
				t.Errorf("the batch has %d and %d rows, want 1 and 0", ms[0].Rows, ms[1].Rows)
			}
			same(t, "snapshot", map[int64]string{1: "new"}, w.snapshotOf(ms, 0))
			same(t, "snapshot", map[int64]string{}, w.snapshotOf(ms, 1))
		})
	}
}

func TestALaterEventMakesARowAgain(t *testing.T) {
	w, i := newGivenUpWorld(t)
	w.set(1, 1, "newest", 30)
	w.caughtUp(i)
	if r := w.copyOf(1, 1); r.Value == nil {
		t.Fatal("there is none")
	}
	w.giveUp(i, 1, 1, 0)
	w.unset(1, 1, 40)
	w.caughtUp(i)
	if at, deletion := precedenceOf(t, w.copyOf(1, 1)); !deletion || at.Source.Minor != 40 || w.gaveUp(1, 1) {
		t.Errorf("the deletion stands at %+v", at)
	}
	w.staleRecords()
}

// TestATombstoneBehindAGivenUpRowTakesNothingOfTheLaterChange meets the connector's own
// tombstone, which says nothing of its position, under the old bytes.
func TestATombstoneBehindAGivenUpRowTakesNothingOfTheLaterChange(t *testing.T) {
	w, i := newGivenUpWorld(t)
	later, _ := precedenceOf(t, w.copyOf(0, 1))
	w.produce(w.spelled(1, tombstone(1)))
	w.caughtUp(i)
	r := w.copyOf(1, 1)
	if at, deletion := precedenceOf(t, r); !deletion || at == later || at.Source == later.Source {
		t.Errorf("the tombstone stands where the row of the other partition does: %+v", at)
	}
}
