package processors

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/processors/keychange"
	"github.com/tidemark/tidemark/tables"
)

// idsIn returns ids whose keys live in a partition.
func (w *world) idsIn(partition int32, n int) (ids []int) {
	for id := 1; len(ids) < n; id++ {
		if w.home(keyJSON(id)) == partition {
			ids = append(ids, id)
		}
	}
	return ids
}

// full is an insert or an update that carries everything.
func full(id int, v, big string, lsn int) *kgo.Record {
	return &kgo.Record{Key: keyJSON(id), Value: fmt.Appendf(nil,
		`{"before":null,"after":{"id":%d,"v":%q,"big":%q},"source":{"connector":"postgresql","snapshot":"false","lsn":%d,"ts_ms":%d},"op":"u","ts_ms":1}`,
		id, v, big, lsn, 1_700_000_000_000+lsn)}
}

// leaves and arrives are the two halves of a change of primary key; what arrives
// lacks the large value.
func leaves(old, new, lsn int) []*kgo.Record {
	return []*kgo.Record{
		withHeader(&kgo.Record{Key: keyJSON(old), Value: rowJSON("d", old, "", lsn)}, "__debezium.newkey", keyJSON(new)),
		withHeader(tombstone(old), "__debezium.newkey", keyJSON(new)),
	}
}

func arrives(old, new int, v string, lsn int) *kgo.Record {
	return withHeader(full(new, v, placeholder, lsn), "__debezium.oldkey", keyJSON(old))
}

// failing makes all produces to a partition of the changelog fail: it makes no progress.
func (w *world) failing(partition int32) *kfake.FaultHandle {
	return w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: w.names.Table, Partitions: []int32{partition}, Err: kerr.PolicyViolation, Count: -1,
	})
}

// versions are the large values that the changelog has had for a key, one after the other.
func (w *world) versions(id int) (out []string) {
	w.t.Helper()
	for _, r := range w.read(w.names.Table) {
		if w.idOf(r.Key) != id {
			continue
		}
		if r.Value == nil {
			out = append(out, "gone")
			continue
		}
		out = append(out, w.decodeBig(r.Value))
	}
	return out
}

func (w *world) decodeBig(b []byte) string {
	w.t.Helper()
	s, err := wire.ParseStateRow(b)
	if err != nil {
		w.t.Fatal(err)
	}
	row, err := s.Row(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if row.Values[2].Kind() == tables.Unavailable {
		return "unavailable"
	}
	return row.Values[2].Str()
}

func images(i *instance, result string) float64 {
	return counter(i.w.t, i.metrics.keyChanges.Inserts.WithLabelValues(result))
}

func TestAChangeOfPrimaryKeyAcrossPartitionsKeepsUnavailableValues(t *testing.T) {
	w := newWorld(t, 3)
	old, new := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
	w.produce(full(old, "a", "large", 5))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	w.produce(append(leaves(old, new, 7), arrives(old, new, "moved", 7))...)
	w.caughtUp(i)
	same(t, "large values", map[int64]string{int64(new): "large"}, w.big())
	if got := fmt.Sprint(w.versions(new)); got != "[large]" {
		t.Errorf("the row was %v: nobody may see it without its value", got)
	}
	if n := images(i, keychange.Filled); n != 1 {
		t.Errorf("%v rows were filled across partitions, want 1", n)
	}
}

func TestTheInsertWaitsForADeletionThatIsReadLater(t *testing.T) {
	w := newWorld(t, 2)
	old, new, next := w.idsIn(0, 1)[0], w.idsIn(1, 2)[0], w.idsIn(1, 2)[1]
	w.produce(full(old, "a", "large", 5))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	fault := w.failing(0)
	w.produce(leaves(old, new, 7)...)
	w.produce(arrives(old, new, "moved", 7), full(next, "behind", "b", 8))
	until(t, "the deletion's partition failing", func() bool { return partition(i, 0).Err != nil })
	until(t, "the insert waiting", func() bool {
		n := 0
		for _, r := range w.read(w.names.Batch) {
			if c, err := wire.ParseControl(r.Value); err == nil && c.Kind == wire.BeforeImageWanted {
				n++
			}
		}
		return n > 0
	})
	// The deletion's partition begins again meanwhile: it may know the value by now.
	if at, value := partition(i, 1).Source, w.big()[int64(new)]; at > 0 && value != "large" {
		t.Errorf("position %d is reflected, and the row's value is %q", at, value)
	}
	fault.Remove()
	w.caughtUp(i)
	var order []int
	for _, r := range w.read(w.names.Table) {
		if r.Partition == 1 {
			order = append(order, w.idOf(r.Key))
		}
	}
	if fmt.Sprint(order) != fmt.Sprint([]int{new, next}) {
		t.Errorf("the changelog has %v, want %d and behind it %d", order, new, next)
	}
	same(t, "large values", map[int64]string{int64(new): "large", int64(next): "b"}, w.big())
	if got := fmt.Sprint(w.versions(new)); got != "[large]" {
		t.Errorf("the row was %v: nobody may see it without its value", got)
	}
}

func TestAnInsertThatIsReadFirstIsFilledLate(t *testing.T) {
	w := newWorld(t, 2)
	old, new := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
	w.produce(full(old, "a", "large", 5))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	w.produce(arrives(old, new, "moved", 7))
	w.caughtUp(i) // the other partition has nothing to read: it has no before-image
	if got := fmt.Sprint(w.versions(new)); got != "[unavailable]" {
		t.Errorf("the row is %v", got)
	}
	i.stop()
	i = w.start(t.TempDir()) // which remembers the request from the control topic
	w.caughtUp(i)
	w.produce(leaves(old, new, 7)...)
	until(t, "the value", func() bool { return w.big()[int64(new)] == "large" })
	w.caughtUp(i)
	same(t, "large values", map[int64]string{int64(new): "large"}, w.big())
	_, ms := w.batch()
	same(t, "batch", map[int64]string{int64(new): "moved"}, w.snapshot(ms))
}

func TestANewerRowIsNotFilledLate(t *testing.T) {
	w := newWorld(t, 2)
	old, new := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
	w.produce(full(old, "a", "large", 5))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	w.produce(arrives(old, new, "moved", 7), full(new, "newer", "its own", 9))
	w.caughtUp(i)
	w.produce(leaves(old, new, 7)...)
	w.caughtUp(i)
	until(t, "the answer", func() bool { return w.controls(wire.BeforeImageFound) == 1 })
	_, _ = w.batch() // a barrier behind the answer: it has been dealt with
	same(t, "large values", map[int64]string{int64(new): "its own"}, w.big())
}

func (w *world) controls(kind wire.ControlKind) (n int) {
	w.t.Helper()
	for _, r := range w.read(w.names.Batch) {
		if c, err := wire.ParseControl(r.Value); err == nil && c.Kind == kind {
			n++
		}
	}
	return n
}

func TestNobodyWaitsForADeadPartitionForEver(t *testing.T) {
	w := newWorld(t, 2)
	old, new := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
	w.produce(full(old, "a", "large", 5))
	i := w.start(t.TempDir(), func(o *Options) { o.ImageWait = 300 * time.Millisecond })
	w.caughtUp(i)
	silent := w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: w.names.Batch, Partitions: []int32{1}, Err: kerr.PolicyViolation, Count: -1,
	})
	w.produce(leaves(old, new, 7)...)
	w.produce(arrives(old, new, "moved", 7))
	until(t, "the row", func() bool { return len(w.versions(new)) > 0 })
	until(t, "its position", func() bool { return partition(i, 1).Source == 1 })
	if got := fmt.Sprint(w.versions(new)); got != "[unavailable]" || images(i, keychange.Late) != 1 {
		t.Errorf("the row is %s, %v late", got, images(i, keychange.Late))
	}
	silent.Remove()
	w.caughtUp(i)
	until(t, "the value", func() bool { return w.big()[int64(new)] == "large" && images(i, keychange.FilledLate) == 1 })
}

func TestWithoutAnImageTheValueStaysUnavailable(t *testing.T) {
	w := newWorld(t, 3)
	old, new := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
	other := w.idsIn(2, 1)[0]
	w.produce(full(other, "a", "b", 1))
	i := w.start(t.TempDir(), func(o *Options) { o.ImageWait = time.Hour })
	w.caughtUp(i)
	t.Run("nothing was ever known of the old key", func(t *testing.T) {
		w.produce(append(leaves(old, new, 7), arrives(old, new, "moved", 7))...)
		w.caughtUp(i)
		same(t, "large values", map[int64]string{int64(new): "unavailable", int64(other): "b"}, w.big())
	})
	t.Run("the connector sends no deletions", func(t *testing.T) {
		w.produce(arrives(old, new, "again", 9))
		w.caughtUp(i)
		if got := w.changelog()[int64(new)]; got != "again" {
			t.Errorf("the row is %q", got)
		}
	})
	t.Run("not from a deletion at another position", func(t *testing.T) {
		w.produce(full(old, "a", "large", 20))
		w.caughtUp(i)
		w.produce(append(leaves(old, new, 21), arrives(old, new, "moved", 22))...)
		w.caughtUp(i)
		if got := w.big()[int64(new)]; got != "unavailable" {
			t.Errorf("the large value is %q", got)
		}
	})
}

// Both partitions wait for each other, and have more to read: none may stand still.
func TestTwoPartitionsThatWaitForEachOtherGoOn(t *testing.T) {
	w := newWorld(t, 2)
	a, b := w.idsIn(0, 30), w.idsIn(1, 30)
	var recs []*kgo.Record
	for n := range 10 {
		// Neither deletion ever comes.
		recs = append(recs, arrives(b[20+n%10], a[n], "v", 100+2*n), arrives(a[20+n%10], b[n], "v", 101+2*n))
	}
	for n := range 10 {
		recs = append(recs, full(a[10+n], "behind", "b", 200+n), full(b[10+n], "behind", "b", 300+n))
	}
	w.produce(recs...)
	i := w.start(t.TempDir(), func(o *Options) { o.ImageWait = time.Hour })
	w.caughtUp(i)
	if n := len(w.changelog()); n != 40 {
		t.Errorf("%d rows, want 40", n)
	}
}

func TestASwapOfTwoKeysInOneTransaction(t *testing.T) {
	t.Parallel() // it mostly waits
	for _, third := range []int32{0, 1, 2} {
		t.Run(fmt.Sprintf("through a key in partition %d", third), func(t *testing.T) {
			w := newWorld(t, 3)
			a, b, tmp := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0], w.idsIn(third, 2)[1]
			w.produce(full(a, "a", "large a", 5), full(b, "b", "large b", 6))
			i := w.start(t.TempDir())
			w.caughtUp(i)
			var recs []*kgo.Record
			move := func(old, new int, v string, lsn int) {
				recs = append(append(recs, leaves(old, new, lsn)...), arrives(old, new, v, lsn))
			}
			move(a, tmp, "a", 11)
			move(b, a, "b", 12)
			move(tmp, b, "a", 13)
			w.produce(recs...)
			w.caughtUp(i)
			same(t, "large values", map[int64]string{int64(a): "large b", int64(b): "large a"}, w.big())
			same(t, "rows", map[int64]string{int64(a): "b", int64(b): "a"}, w.changelog())
		})
	}
}

func TestAWaitEndsWithTheProcessAndBeginsAgain(t *testing.T) {
	w := newWorld(t, 2)
	old, new := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
	w.produce(full(old, "a", "large", 5))
	forEver := func(o *Options) { o.ImageWait = time.Hour }
	dir := t.TempDir()
	i := w.start(dir, forEver)
	w.caughtUp(i)
	fault := w.failing(0)
	w.produce(leaves(old, new, 7)...)
	until(t, "the deletion's partition failing", func() bool { return partition(i, 0).Err != nil })
	silent := w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: w.names.Batch, Partitions: []int32{1}, Err: kerr.PolicyViolation, Count: -1,
	})
	w.produce(arrives(old, new, "moved", 7))
	until(t, "the insert waiting", func() bool { return w.controls(wire.BeforeImageWanted) > 0 })
	i.stop()
	fault.Remove()
	silent.Remove()
	i = w.start(dir, forEver)
	w.caughtUp(i)
	if got := fmt.Sprint(w.versions(new)); got != "[large]" {
		t.Errorf("the row was %v", got)
	}
}

func TestAnImageIsKnownToASuccessor(t *testing.T) {
	w := newWorld(t, 2)
	old, new := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
	w.produce(full(old, "a", "large", 5))
	w.produce(leaves(old, new, 7)...)
	i := w.start(t.TempDir())
	w.caughtUp(i)
	i.stop()
	w.produce(arrives(old, new, "moved", 7))
	i = w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "large values", map[int64]string{int64(new): "large"}, w.big())
}

func TestABatchInTheMiddleOfAWaitHasTheCutBeforeIt(t *testing.T) {
	w := newWorld(t, 2)
	old, new := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
	w.produce(full(old, "a", "large", 5))
	i := w.start(t.TempDir(), func(o *Options) { o.ImageWait = time.Hour })
	w.caughtUp(i)
	fault := w.failing(0)
	w.produce(leaves(old, new, 7)...)
	until(t, "the deletion's partition failing", func() bool { return partition(i, 0).Err != nil })
	w.produce(arrives(old, new, "moved", 7))
	until(t, "the insert waiting", func() bool { return w.controls(wire.BeforeImageWanted) > 0 })
	id, err := batch.Request(t.Context(), w.settings, w.table, batch.TriggerDemand)
	if err != nil {
		t.Fatal(err)
	}
	var cut wire.Manifest
	until(t, "the manifest of the waiting partition", func() bool {
		for _, r := range w.read(w.names.Batches) {
			if m, err := wire.ParseManifest(r.Value); err == nil && m.Batch == id && m.Partition == 1 {
				cut = m
				return true
			}
		}
		return false
	})
	// The partition that fails may have answered between two failures: then the row is whole.
	if cut.Source != cut.Rows || cut.Rows == 1 && w.big()[int64(new)] != "large" {
		t.Errorf("the batch has %d rows up to offset %d: a row that waits is in none", cut.Rows, cut.Source)
	}
	fault.Remove()
	w.caughtUp(i)
	w.manifests(id)
	_, ms := w.batch()
	same(t, "the next batch", map[int64]string{int64(new): "moved"}, w.snapshot(ms))
}

func TestCompositeKeysAndDocuments(t *testing.T) {
	w := newWorld(t, 4)
	w.table.Key, w.table.Document = []string{"v", "id"}, tables.DocumentKeep
	key := func(v string, id int) []byte {
		return []byte(`{"id":` + strconv.Itoa(id) + `,"v":` + strconv.Quote(v) + `}`)
	}
	event := func(op, v string, id int, big string, lsn int) *kgo.Record {
		after := fmt.Sprintf(`{"id":%d,"v":%q,"big":%q,"more":%q}`, id, v, big, big)
		if op == "d" {
			after = "null"
		}
		return &kgo.Record{Key: key(v, id), Value: fmt.Appendf(nil,
			`{"before":null,"after":%s,"source":{"connector":"postgresql","snapshot":"false","lsn":%d,"ts_ms":%d},"op":%q,"ts_ms":1}`, after, lsn, lsn, op)}
	}
	id := 1
	for w.home(key("eu", id)) == w.home(key("us", id)) {
		id++
	}
	w.produce(event("c", "eu", id, "large", 5))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	w.produce(
		withHeader(event("d", "eu", id, "", 7), "__debezium.newkey", key("us", id)),
		withHeader(event("c", "us", id, placeholder, 7), "__debezium.oldkey", key("eu", id)),
	)
	w.caughtUp(i)
	records := w.read(w.names.Table)
	var found bool
	for _, r := range records {
		if r.Value == nil {
			continue
		}
		s, err := wire.ParseStateRow(r.Value)
		if err != nil {
			t.Fatal(err)
		}
		if row, err := s.Row(nil); err != nil || row.Values[1].Str() != "us" {
			continue
		}
		found = true
		if want := fmt.Sprintf(`{"id":%d,"v":"us","big":"large","more":"large"}`, id); w.decodeBig(r.Value) != "large" || string(s.Document) != want {
			t.Errorf("large value %q, document %s, want %s", w.decodeBig(r.Value), s.Document, want)
		}
	}
	if !found {
		t.Error("the row is not there")
	}
}
