package processors

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/processors/feed"
)

// refusing makes produces to a topic fail.
func (w *world) refusing(topic string, n int) *kfake.FaultHandle {
	return w.broker.Faults().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.PolicyViolation, Count: n})
}

// unfinished starts a processor whose batch 1 cannot be made.
func (w *world) unfinished(topic string) (*instance, string, *kfake.FaultHandle) {
	w.t.Helper()
	w.produce(upsert(1, "a"))
	dir := w.t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	held := w.refusing(topic, -1)
	w.produceRaw(w.barriers(1)...)
	until(w.t, "a failed attempt", func() bool { return counter(w.t, i.metrics.batches.Failures) > 0 })
	return i, dir, held
}

func (w *world) barriers(id uint64) (out []*kgo.Record) {
	for p := range w.parts {
		out = append(out, w.control(p, barrierOf(id)))
	}
	return out
}

func TestManyBatchesThatNobodyTakesDoNotStopIngestion(t *testing.T) {
	for _, again := range []string{"", "begun again", "begun again elsewhere"} {
		t.Run(again, func(t *testing.T) {
			w := newWorld(t, 1)
			i, dir, held := w.unfinished(w.names.Snapshot)
			for id := range 60 {
				w.produceRaw(w.barriers(uint64(id) + 2)...)
			}
			w.produce(upsert(2, "b"))
			w.caughtUp(i)
			if n := counter(t, i.metrics.failures); n != 0 {
				t.Errorf("%v runs ended", n)
			}
			if again != "" {
				i.stop()
				if again == "begun again elsewhere" {
					dir = t.TempDir()
				}
				i = w.start(dir)
			}
			w.produce(upsert(3, "c"))
			w.caughtUp(i)
			held.Remove()
			ms := w.manifests(61)
			got := w.snapshot(ms)
			delete(got, 2) // the cut is that of the barrier, or a later one
			delete(got, 3)
			same(t, "snapshot", map[int64]string{1: "a"}, got)
			_, ms = w.batch()
			same(t, "the next batch", map[int64]string{1: "a", 2: "b", 3: "c"}, w.snapshot(ms))
		})
	}
}

func TestControlRecordsDoNotPileUpBehindABatch(t *testing.T) {
	w := newWorld(t, 1)
	i, _, held := w.unfinished(w.names.Batches)
	var recs []*kgo.Record
	for n := range feed.ControlEntries + 100 {
		recs = append(recs, w.control(0, wire.Control{
			Kind: wire.BeforeImageFound, Started: 1, Partition: 0, Offset: int64(1_000_000 + n), OldKey: "a", NewKey: "b", Body: string(make([]byte, 2048)),
		}))
	}
	w.produceRaw(recs...)
	w.produceRaw(w.control(0, barrierOf(2)))
	w.produce(upsert(2, "b"))
	w.caughtUp(i)
	held.Remove()
	same(t, "the batch behind them", map[int64]string{1: "a", 2: "b"}, w.big2(w.manifests(2)))
	if n := counter(t, i.metrics.failures); n != 0 {
		t.Errorf("%v runs ended", n)
	}
}

// big2 is the snapshot with what may stand behind the cut as well.
func (w *world) big2(ms []wire.Manifest) map[int64]string {
	got := w.snapshot(ms)
	if _, ok := got[2]; !ok {
		got[2] = "b"
	}
	return got
}

func TestRequestsWhileBatchesAreOnTheirWayAnswerWithTheOneThatWaits(t *testing.T) {
	w := newWorld(t, 2)
	w.produce(upsert(1, "a"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	held := w.refusing(w.names.Batches, -1)
	ids := map[uint64]int{}
	for range 20 {
		id, err := batch.Request(t.Context(), w.settings, w.table, batch.TriggerDemand)
		if err != nil {
			t.Fatal(err)
		}
		ids[id]++
	}
	if fmt.Sprint(ids) != "map[1:1 2:19]" {
		t.Errorf("the answers were %v", ids)
	}
	if n := w.controls(wire.Barrier); n != 4 {
		t.Errorf("%d barriers were written, want two for each partition", n)
	}
	held.Remove()
	w.manifests(2)
	if id, _ := w.batch(); id != 3 {
		t.Errorf("the next batch is %d", id)
	}
}

// An id is not taken twice, however much follows the barrier that has it, and also
// where a request has reached some of the partitions only.
func TestABatchIDIsNotTakenTwice(t *testing.T) {
	w := newWorld(t, 2)
	_, _, held := w.unfinished(w.names.Batches)
	var recs []*kgo.Record
	for n := range 2560 {
		recs = append(recs, w.control(int32(n%2), wire.Control{Kind: wire.BeforeImageNone, Started: 1, Offset: 1_000_000, OldKey: "a", NewKey: "b"}))
	}
	w.produceRaw(recs...)
	w.produceRaw(w.control(1, barrierOf(4)))
	id, err := batch.Request(t.Context(), w.settings, w.table, batch.TriggerDemand)
	if err != nil {
		t.Fatal(err)
	}
	if id != 5 {
		t.Errorf("the batch is %d, want 5", id)
	}
	held.Remove()
	w.manifests(5)
}

// clock is a clock of tests that is set by hand.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

func TestAScheduledBatchIsNotLost(t *testing.T) {
	daily := func(w *world) { w.table.Batch.Schedule = "@every 24h" }
	t.Run("when its barriers are not written", func(t *testing.T) {
		w, c := newWorld(t, 1), &clock{}
		daily(w)
		w.produce(upsert(1, "a"))
		i := w.start(t.TempDir(), func(o *Options) { o.Clock = c.now })
		w.caughtUp(i)
		refused := w.refusing(w.names.Batch, 2)
		c.forward(24*time.Hour + time.Minute)
		if m := w.manifests(1)[0]; m.Trigger != batch.TriggerSchedule || refused.Hits() != 2 {
			t.Errorf("the batch was triggered by %q after %d refusals", m.Trigger, refused.Hits())
		}
	})
	t.Run("when nobody owned the partition", func(t *testing.T) {
		w, c := newWorld(t, 1), &clock{}
		daily(w)
		w.produce(upsert(1, "a"))
		i := w.start(t.TempDir(), func(o *Options) { o.Clock = c.now })
		w.caughtUp(i)
		w.batch()
		i.stop()
		c.forward(25 * time.Hour)
		w.start(t.TempDir(), func(o *Options) { o.Clock = c.now }) // its own time begins now
		if m := w.manifests(2)[0]; m.Trigger != batch.TriggerSchedule {
			t.Errorf("the batch was triggered by %q", m.Trigger)
		}
	})
}
