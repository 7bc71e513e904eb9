package processors

import (
	"path/filepath"
	"testing"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
)

// usable is the rows that the changelog of the table holds, by whoever leaves out what
// cannot be read.
func (w *world) usable() map[int64]string {
	w.t.Helper()
	rows := map[string][]byte{}
	for _, r := range w.read(w.names.Table) {
		if _, err := wire.ParseStateRow(r.Value); r.Value != nil && err != nil {
			continue
		}
		if rows[string(r.Key)] = r.Value; r.Value == nil {
			delete(rows, string(r.Key))
		}
	}
	return w.decode(rows)
}

func TestUnreadableRecordsOfTheChangelogAreLeftOut(t *testing.T) {
	for _, wiped := range []bool{false, true} {
		w := newWorld(t, 1)
		want := map[int64]string{}
		for id := range 20 {
			w.produce(upsert(id, "a"))
			want[int64(id)] = "a"
		}
		dir := t.TempDir()
		i := w.start(dir)
		w.caughtUp(i)
		w.batch()
		i.stop()
		bad := func(key string, value string, stamp []byte) *kgo.Record {
			r := &kgo.Record{Topic: w.names.Table, Key: []byte(key), Value: []byte(value)}
			if stamp != nil {
				r.Headers = []kgo.RecordHeader{{Key: wire.StampName, Value: stamp}}
			}
			return r
		}
		whole := wire.AppendStamp(nil, wire.Stamp{Offset: 19})
		w.produceRaw(
			bad("junk", "junk", []byte("x")),
			bad("junk", "junk", nil),
			bad("", "junk", whole),
			bad(string(w.canonical(3)), "junk", whole), // compaction will leave this one
			&kgo.Record{Topic: w.names.Batch, Key: []byte("junk"), Value: []byte("junk")},
			&kgo.Record{Topic: w.names.Batches, Key: []byte("junk"), Value: []byte("junk")},
			&kgo.Record{Topic: w.names.Progress, Key: []byte("junk"), Value: []byte("junk")},
			&kgo.Record{Topic: w.names.Snapshot, Key: []byte("junk"), Value: []byte("junk")},
		)
		if wiped {
			dir = t.TempDir()
		}
		i = w.start(dir)
		w.produce(upsert(5, "b"))
		want[5] = "b"
		w.caughtUp(i)
		same(t, "changelog", want, w.usable())
		_, ms := w.batch()
		if ms[0].Rows != 20 {
			t.Errorf("wiped %v: %d rows in the batch, want 20", wiped, ms[0].Rows)
		}
		if n := counter(t, i.metrics.unreadable); n < 4 {
			t.Errorf("wiped %v: %v unreadable records are counted", wiped, n)
		}
		var last []byte
		for _, r := range w.read(w.names.Table) {
			if string(r.Key) == string(w.canonical(3)) {
				last = r.Value
			}
		}
		if _, err := wire.ParseStateRow(last); err != nil {
			t.Errorf("wiped %v: the row is not written again behind what cannot be read: %v", wiped, err)
		}
		i.stop()
	}
}

func TestAChangelogWithAHoleIsFilledFromTheSource(t *testing.T) {
	w := newWorld(t, 1)
	want := map[int64]string{}
	for id := range 30 {
		w.produce(upsert(id, "a"))
		want[int64(id)] = "a"
	}
	w.produce(remove(7), upsert(8, "b"))
	delete(want, 7)
	want[8] = "b"
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	w.batch()
	i.stop()
	to := kadm.Offsets{}
	to.AddOffset(w.names.Table, 0, 20, -1)
	if _, err := kadm.NewClient(w.client).DeleteRecords(t.Context(), to); err != nil {
		t.Fatal(err)
	}

	i = w.start(dir) // a local state needs nothing
	w.produce(upsert(8, "c"))
	want[8] = "c"
	w.caughtUp(i)
	if n := counter(t, i.metrics.refilled); n != 0 {
		t.Errorf("read again %v times with a local state", n)
	}
	i.stop()

	i = w.start(t.TempDir())
	until(t, "the rows to be back", func() bool { return len(w.usable()) == len(want) })
	w.produce(upsert(9, "d"))
	want[9] = "d"
	w.caughtUp(i)
	same(t, "changelog", want, w.usable())
	_, ms := w.batch()
	if ms[0].Rows != int64(len(want)) {
		t.Errorf("%d rows in the batch, want %d", ms[0].Rows, len(want))
	}
	if n := counter(t, i.metrics.refilled); n != 1 {
		t.Errorf("read again %v times, want once", n)
	}
	i.stop()

	i = w.start(t.TempDir()) // with the source's beginning gone, what is left of both
	w.caughtUp(i)
	same(t, "changelog after another start", want, w.usable())
}

// TestAChangelogWithFewerRowsThanTheNewestBatchIsFilledFromTheSource has nothing but the
// manifest to go by.
func TestAChangelogWithFewerRowsThanTheNewestBatchIsFilledFromTheSource(t *testing.T) {
	w := newWorld(t, 1)
	for id := range 10 {
		w.produce(upsert(id, "a"))
	}
	i := w.start(t.TempDir())
	w.caughtUp(i)
	_, ms := w.batch()
	i.stop()
	m := ms[0]
	m.Batch, m.Rows = m.Batch+1, m.Rows+5
	w.produceRaw(&kgo.Record{Topic: w.names.Batches, Key: wire.AppendManifestKey(nil, m.Batch, 0), Value: wire.AppendManifest(nil, m)})
	i = w.start(t.TempDir())
	w.caughtUp(i)
	if n := counter(t, i.metrics.refilled); n != 1 {
		t.Errorf("read again %v times, want once", n)
	}
}

// loseRows takes rows out of a state without a trace that a checksum of LevelDB would show.
func (w *world) loseRows(dir string, ids ...int) {
	w.t.Helper()
	db, err := leveldb.OpenFile(filepath.Join(dir, "0", stateDir), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	for _, id := range ids {
		if err := db.Delete(append([]byte{'r'}, w.canonical(id)...), nil); err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestAStateInDoubtIsFilledAgain has a state that is wrong without knowing it, until a view
// says that its batch differs from the changelog.
func TestAStateInDoubtIsFilledAgain(t *testing.T) {
	w := newWorld(t, 1)
	want := map[int64]string{}
	for id := range 20 {
		w.produce(upsert(id, "a"))
		want[int64(id)] = "a"
	}
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	i.stop()
	w.loseRows(dir, 3, 4, 5)
	i = w.start(dir)
	w.caughtUp(i)
	wrong, ms := w.batch()
	if ms[0].Rows != 17 {
		t.Fatalf("%d rows in the batch", ms[0].Rows)
	}
	i.Doubt(wrong)
	until(t, "the state to be given up", func() bool {
		found, err := filepath.Glob(filepath.Join(dir, "0", stateDir+".aside-*"))
		return err == nil && len(found) == 1
	})
	w.produce(upsert(6, "b"))
	want[6] = "b"
	w.caughtUp(i)
	_, ms = w.batch()
	if ms[0].Rows != 20 || ms[0].Changed < 20 {
		t.Errorf("the next batch has %d rows, %d of them written; want all 20", ms[0].Rows, ms[0].Changed)
	}
	same(t, "snapshot", want, w.snapshot(ms))
	w.produce(upsert(7, "c"))
	want[7] = "c"
	w.caughtUp(i)
	_, ms = w.batch()
	if ms[0].Changed != 1 {
		t.Errorf("the batch after it has %d changes, want 1", ms[0].Changed)
	}
	same(t, "snapshot", want, w.snapshot(ms))
}
