package processors

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka/kafkatest"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/tables"
)

func (w *world) control(partition int32, c wire.Control) *kgo.Record {
	return &kgo.Record{Topic: w.names.Batch, Partition: partition, Value: wire.AppendControl(nil, c)}
}

func barrierOf(id uint64) wire.Control {
	return wire.Control{Kind: wire.Barrier, Batch: id, Started: 1, Trigger: batch.TriggerDemand}
}

func TestAManifestTellsTheCut(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), upsert(2, "b"), remove(2))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	_, ms := w.batch()
	w.produce(upsert(3, "after the cut"))
	w.caughtUp(i)
	m := ms[0]
	if m.Source != 3 || m.Changelog != 3 || m.Rows != 1 || m.Partitions != 1 || m.Trigger != batch.TriggerDemand || m.Fingerprint != wire.Fingerprint(w.table) {
		t.Errorf("the manifest is %+v", m)
	}
	same(t, "changelog up to the cut", map[int64]string{1: "a"}, w.decode(w.changelogTo(m.Changelog)))
	same(t, "snapshot", map[int64]string{1: "a"}, w.snapshot(ms))
}

// changelogTo is the rows that the changelog has before an offset.
func (w *world) changelogTo(end int64) map[string][]byte {
	w.t.Helper()
	rows := map[string][]byte{}
	for _, r := range w.read(w.names.Table) {
		if r.Offset < end {
			rows[string(r.Key)] = r.Value
			if r.Value == nil {
				delete(rows, string(r.Key))
			}
		}
	}
	return rows
}

func TestBarriersThatComeTwiceOrOutOfOrderDoNothing(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	w.batch()
	w.produceRaw(w.control(0, barrierOf(5)))
	w.manifests(5)
	before := len(w.read(w.names.Snapshot))
	w.produce(upsert(2, "b"))
	w.caughtUp(i)
	w.produceRaw(w.control(0, barrierOf(5)), w.control(0, barrierOf(3)), &kgo.Record{Topic: w.names.Batch, Value: []byte("no control record")})
	w.produceRaw(w.control(0, barrierOf(6)))
	ms := w.manifests(6)
	ids := map[uint64]int{}
	for _, r := range w.read(w.names.Batches) {
		id, _, err := wire.ParseManifestKey(r.Key)
		if err != nil {
			t.Fatal(err)
		}
		ids[id]++
	}
	if fmt.Sprint(ids) != "map[1:1 5:1 6:1]" {
		t.Errorf("manifests by batch: %v", ids)
	}
	if n := len(w.read(w.names.Snapshot)); n != before+1 {
		t.Errorf("%d snapshot records for one change", n-before)
	}
	same(t, "snapshot", map[int64]string{1: "a", 2: "b"}, w.snapshot(ms))
}

func TestABatchIsTakenAgainAfterATakeover(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newWorld(t, 2)
	want := map[int64]string{}
	for id := range 50 {
		w.produce(upsert(id, "a"))
		want[int64(id)] = "a"
	}
	i := w.start(t.TempDir())
	w.caughtUp(i)
	w.batch()
	for id := range 10 {
		w.produce(remove(id))
		delete(want, int64(id))
	}
	w.produce(upsert(20, "b"))
	want[20] = "b"
	w.caughtUp(i)
	i.stop()
	i = w.start(t.TempDir()) // an empty disk: hashes and marks come from the changelog
	w.caughtUp(i)
	id, ms := w.batch()
	same(t, "snapshot", want, w.snapshot(ms))
	var changed int64
	for _, m := range ms {
		changed += m.Changed
	}
	if id != 2 || changed != 11 {
		t.Errorf("batch %d has %d records, want the 11 changes since the last one", id, changed)
	}
	w.produce(upsert(21, "c"))
	want[21] = "c"
	w.caughtUp(i)
	_, ms = w.batch()
	same(t, "the next snapshot", want, w.snapshot(ms))
}

func TestABatchThatIsInterruptedIsTakenAgain(t *testing.T) {
	w := newWorld(t, 1)
	want := map[int64]string{}
	for id := range 50 {
		w.produce(upsert(id, "a"))
		want[int64(id)] = "a"
	}
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	w.batch()
	w.produce(remove(1), upsert(2, "b"))
	delete(want, 1)
	want[2] = "b"
	w.caughtUp(i)
	held := w.broker.Faults().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: w.names.Batches, Count: -1})
	w.produceRaw(w.control(0, barrierOf(2)))
	until(t, "the manifest failing", func() bool { return held.Hits() > 0 })
	i.stop() // snapshot records are there, the manifest is not
	held.Remove()
	i = w.start(dir)
	w.caughtUp(i)
	same(t, "the batch", want, w.snapshot(w.manifests(2)))
	w.produce(upsert(4, "d"))
	want[4] = "d"
	w.caughtUp(i)
	_, ms := w.batch()
	same(t, "the next batch", want, w.snapshot(ms))
}

// What was applied and never reached the changelog is in the state that the next run begins
// with. A batch that is met first is of the source before its cut all the same, and what
// the changelog has before its own.
func TestABatchIsNotOfAStateThatIsAheadOfItsCut(t *testing.T) {
	for name, c := range map[string]struct {
		next *kgo.Record
		want map[int64]string
	}{
		"row":      {upsert(2, "b"), map[int64]string{1: "a", 2: "b"}},
		"removal":  {remove(1), map[int64]string{}},
		"truncate": {&kgo.Record{Value: rowJSON("t", 0, "", 1)}, map[int64]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			w.produce(upsert(1, "a"))
			dir := t.TempDir()
			i := w.start(dir)
			w.caughtUp(i)
			w.batch()
			held := w.failChangelog(-1)
			w.produce(c.next)
			until(t, "the changelog failing", func() bool { return held.Hits() > 0 })
			i.stop()
			held.Remove()
			w.produceRaw(w.control(0, barrierOf(2)))
			w.start(dir)
			ms := w.manifests(2)
			if m := ms[0]; m.Source != 2 || m.Rows != int64(len(c.want)) {
				t.Errorf("the manifest is %+v", m)
			}
			same(t, "changelog up to the cut", c.want, w.decode(w.changelogTo(ms[0].Changelog)))
			same(t, "snapshot", c.want, w.snapshot(ms))
		})
	}
}

func TestABatchThatNobodyTakesDoesNotStopIngestion(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	held := w.broker.Faults().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: w.names.Batches, Err: kerr.PolicyViolation, Count: -1})
	w.produceRaw(w.control(0, barrierOf(1)))
	until(t, "a failed attempt", func() bool { return counter(t, i.metrics.batches.Failures) > 0 })
	w.produce(upsert(2, "b"))
	w.caughtUp(i)
	if n := counter(t, i.metrics.failures); n != 0 {
		t.Errorf("%v runs ended", n)
	}
	held.Remove()
	same(t, "the batch, as of its barrier", map[int64]string{1: "a"}, w.snapshot(w.manifests(1)))
	_, ms := w.batch()
	same(t, "the next batch", map[int64]string{1: "a", 2: "b"}, w.snapshot(ms))
}

func TestATopicIsReadToAnEndThatIsNeverDelivered(t *testing.T) {
	w := newWorld(t, 1)
	c := w.newClient(kgo.TransactionalID("somebody"))
	if err := c.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: sourceTopic, Value: []byte("v")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := kafkatest.EndTransaction(t.Context(), c, kgo.TryCommit, sourceTopic); err != nil {
		t.Fatal(err)
	}
	if n := len(w.read(sourceTopic)); n != 1 {
		t.Errorf("%d records, want the one before the marker", n)
	}
}

// A batch has all that an older one would have: of those that wait the newest is made.
func TestBatchesQueueBehindEachOther(t *testing.T) {
	w := newWorld(t, 1)
	i := w.start(t.TempDir())
	w.produce(upsert(1, "a"))
	w.caughtUp(i)
	w.produceRaw(w.control(0, barrierOf(1)), w.control(0, barrierOf(2)), w.control(0, barrierOf(3)))
	same(t, "snapshot", map[int64]string{1: "a"}, w.snapshot(w.manifests(3)))
}

func TestHiddenRowsAreNotInABatch(t *testing.T) {
	w := newWorld(t, 1)
	w.table.Where = "v <> 'draft'"
	w.produce(upsert(1, "draft"), upsert(2, "paid"), upsert(3, "paid"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	_, ms := w.batch()
	same(t, "first batch", map[int64]string{2: "paid", 3: "paid"}, w.snapshot(ms))
	w.produce(upsert(1, "paid"), upsert(2, "draft"))
	w.caughtUp(i)
	_, ms = w.batch()
	same(t, "second batch", map[int64]string{1: "paid", 3: "paid"}, w.snapshot(ms))
	if n := counter(t, i.metrics.folding.Verdicts[2]); n != 2 {
		t.Errorf("%v changes are counted as hidden, want 2", n)
	}
}

func TestBatchesAreTakenBySizeAndOldManifestsGo(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newWorld(t, 2)
	w.table.Batch = tables.BatchPolicy{Schedule: tables.OnDemand, MaxDelta: 20, KeepLast: 1}
	i := w.start(t.TempDir())
	for round := range 3 {
		for id := range 25 {
			w.produce(upsert(id, fmt.Sprint(round)))
		}
		w.caughtUp(i)
		for _, m := range w.manifests(uint64(round + 1)) {
			if m.Trigger != batch.TriggerDelta {
				t.Errorf("batch %d was triggered by %q", m.Batch, m.Trigger)
			}
		}
	}
	until(t, "the newest batch alone kept", func() bool {
		kept := map[uint64]int{}
		for _, r := range w.read(w.names.Batches) {
			id, _, err := wire.ParseManifestKey(r.Key)
			if err != nil {
				t.Fatal(err)
			}
			kept[id]++
			if r.Value == nil {
				kept[id] -= 2
			}
		}
		return kept[3] == 2 && kept[2] == 0 && kept[1] == 0
	})
}
