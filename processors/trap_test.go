package processors

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
)

// The tests here are named after the traps of goka, sarama and goleveldb that they
// keep closed; each fails when its remedy is taken out. More of them are beside the
// local state.

func TestTrap01ChangelogRecordsStayInTheInputsPartition(t *testing.T) {
	w := newWorld(t, 5)
	want := map[string]int32{}
	for id := range 60 {
		w.produce(upsert(id, "v"))
		want[string(w.canonical(id))] = w.home(keyJSON(id))
	}
	i := w.start(t.TempDir())
	w.caughtUp(i)
	for _, r := range w.read(w.names.Table) {
		if r.Partition != want[string(r.Key)] {
			t.Errorf("key %x is in partition %d, its source record in %d", r.Key, r.Partition, want[string(r.Key)])
		}
	}
}

func TestTrap02DeletionsAreProcessed(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), upsert(2, "b"), upsert(3, "c"), tombstone(1), remove(2))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{3: "c"}, w.changelog())
}

func TestTrap03ANewGroupStartsAtTheOldestRecord(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "before the group was there"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "before the group was there"}, w.changelog())
}

func TestTrap04OnlyTheLowWatermarkIsCommitted(t *testing.T) {
	q := newPending(10, 100, 1<<20)
	for off := int64(10); off < 14; off++ {
		e := q.get()
		e.offset = off
		q.push(e)
	}
	g := &soloGroup{commit: func(_ string, next int64) { q.finish(next - 1) }}
	s := &soloSession{group: g}
	s.MarkOffset(sourceTopic, 0, 12, "") // offset 11 is acknowledged before 10
	s.MarkOffset(sourceTopic, 0, 14, "")
	if q.watermark() != 10 {
		t.Errorf("the watermark is %d while offset 10 is not done", q.watermark())
	}
	s.MarkOffset(sourceTopic, 0, 11, "")
	if q.watermark() != 12 {
		t.Errorf("the watermark is %d, want 12", q.watermark())
	}
	s.MarkOffset(sourceTopic, 0, 13, "")
	if q.watermark() != 14 {
		t.Errorf("the watermark is %d, want 14", q.watermark())
	}
}

func TestTrap05EqualPositionIsWrittenAgain(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), upsert(2, "b"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	fault := w.failChangelog(-1)
	w.produce(upsert(1, "in the state, not in the changelog"), remove(2))
	until(t, "a failed run", func() bool { return partition(i, 0).Err != nil })
	fault.Remove()
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "in the state, not in the changelog"}, w.changelog())
}

func TestTrap06TheChangelogIsWrittenIdempotentlyWithAllAcks(t *testing.T) {
	w := newWorld(t, 1)
	var requests, unsafe atomic.Int64
	w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: w.names.Table, Count: -1, Observe: true,
		When: func(r kmsg.Request) bool {
			p := r.(*kmsg.ProduceRequest)
			requests.Add(1)
			if p.Acks != -1 {
				unsafe.Add(1)
			}
			for _, topic := range p.Topics {
				for _, part := range topic.Partitions {
					var b kmsg.RecordBatch
					if err := b.ReadFrom(part.Records); err == nil && b.ProducerID < 0 {
						unsafe.Add(1)
					}
				}
			}
			return true
		},
	})
	w.produce(upsert(1, "a"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	if requests.Load() == 0 || unsafe.Load() != 0 {
		t.Errorf("%d of %d requests were without all acks or a producer id", unsafe.Load(), requests.Load())
	}
}

func TestTrap06AbortedRecordsAreNotRead(t *testing.T) {
	w := newWorld(t, 1)
	c := w.newClient(kgo.TransactionalID("connector"))
	send := func(r *kgo.Record, end kgo.TransactionEndTry) {
		r.Topic = sourceTopic
		if err := c.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := c.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := c.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	send(upsert(1, "aborted"), kgo.TryAbort)
	send(upsert(2, "committed"), kgo.TryCommit)
	w.produce(upsert(3, "plain"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{2: "committed", 3: "plain"}, w.changelog())
}

func TestTrap07ATopicOfOtherPartitionsIsRefused(t *testing.T) {
	w := newWorld(t, 2)
	if err := w.broker.Faults().CreateTopic(w.names.Table, 3, map[string]string{"cleanup.policy": "compact"}); err != nil {
		t.Fatal(err)
	}
	i := w.start(t.TempDir())
	until(t, "a refusal", func() bool {
		var e *kafka.PartitionsError
		return errors.As(i.Status().Err, &e) && e.Topic == w.names.Table
	})
}

func TestTrap10ABadRecordEndsNothing(t *testing.T) {
	w := newWorld(t, 1)
	bad := &kgo.Record{Topic: sourceTopic, Key: keyJSON(2), Value: []byte("{no json"), Headers: []kgo.RecordHeader{{Key: "trace", Value: []byte("7")}}}
	w.produce(upsert(1, "a"))
	w.produceRaw(bad)
	w.produceRaw(&kgo.Record{Topic: sourceTopic, Key: []byte("no key"), Value: rowJSON("u", 3, "x", 1)})
	w.produce(upsert(4, "b"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "a", 4: "b"}, w.changelog())
	if n := counter(t, i.metrics.failures); n != 0 {
		t.Errorf("%v runs ended", n)
	}
	dead := w.read(w.names.DeadLetters)
	if len(dead) != 2 {
		t.Fatalf("%d dead letters", len(dead))
	}
	h := headers(dead[0])
	if string(dead[0].Key) != string(bad.Key) || string(dead[0].Value) != string(bad.Value) || h["trace"] != "7" {
		t.Errorf("the dead letter is %s %s %v, the record was %s %s", dead[0].Key, dead[0].Value, h, bad.Key, bad.Value)
	}
	if h[DeadTopic] != sourceTopic || h[DeadPartition] != "0" || h[DeadOffset] != "1" || h[DeadError] == "" || h[DeadTable] != "orders" {
		t.Errorf("headers of the dead letter: %v", h)
	}
}

func TestTrap10ARowThatTheChangelogDoesNotTakeEndsNothing(t *testing.T) {
	w := newWorld(t, 1)
	if err := w.broker.Faults().CreateTopic(w.names.Table, 1, map[string]string{
		"cleanup.policy": "compact", "max.message.bytes": "2000",
	}); err != nil {
		t.Fatal(err)
	}
	large := string(make([]byte, 0))
	for len(large) < 3000 {
		large += "0123456789"
	}
	w.produce(upsert(1, "a"), upsert(2, large), upsert(3, "b"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "a", 3: "b"}, w.changelog())
	if dead := w.read(w.names.DeadLetters); len(dead) != 1 || headers(dead[0])[DeadOffset] != "1" {
		t.Errorf("dead letters: %v", dead)
	}
	if n := counter(t, i.metrics.failures); n != 0 {
		t.Errorf("%v runs ended", n)
	}
}

func TestTrap11AFailedSetupIsNotRunning(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	i := w.start(file)
	until(t, "the error in the status", func() bool { return partition(i, 0).Err != nil })
	if partition(i, 0).Running {
		t.Error("a partition whose state cannot be opened is said to run")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	w.caughtUp(i)
	if s := partition(i, 0); !s.Running || s.Err != nil {
		t.Errorf("after the cause is gone: %+v", s)
	}
}

func TestTrap14SurvivorsOfARebalanceRunOn(t *testing.T) {
	w := newWorld(t, 4)
	i := w.start(t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ctx.Err() == nil; n++ {
			r := upsert(n%100, "v")
			r.Topic, r.Partition = sourceTopic, w.home(r.Key)
			w.client.Produce(ctx, r, nil)
			<-tick.C
		}
	}()
	until(t, "four partitions", func() bool { return len(running(i)) == 4 })
	second := w.start(t.TempDir())
	until(t, "two partitions each", func() bool { return len(running(i)) == 2 && len(running(second)) == 2 })
	kept := running(i)
	watched := watchRunning(i, kept)
	second.stop()
	until(t, "four partitions again", func() bool { return len(running(i)) == 4 })
	if stopped := watched(); len(stopped) > 0 {
		t.Errorf("partitions that stay were stopped: %v", stopped)
	}
	stop()
	<-loaded
	w.caughtUp(i)
	if n := counter(t, i.metrics.failures); n != 0 {
		t.Errorf("%v runs ended", n)
	}
	longest := w.longestGaps()
	for p, gap := range longest {
		bound := 5 * time.Second // goka alone sleeps so long in every rebalance
		if kept[p] {
			bound = 2 * time.Second // of a busy machine; some tenths of a second otherwise
		}
		if gap > bound {
			t.Errorf("partition %d stood still for %s", p, gap)
		}
	}
	t.Logf("longest gaps: %v, kept: %v", longest, kept)
}

// watchRunning looks again and again whether the partitions run; the function that it
// returns ends that and tells which did not.
func watchRunning(i *instance, partitions map[int32]bool) func() []int32 {
	stop, stopped := make(chan struct{}), make(chan []int32)
	go func() {
		missed := map[int32]bool{}
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				stopped <- slices.Sorted(maps.Keys(missed))
				return
			case <-tick.C:
				now := running(i)
				for p := range partitions {
					if !now[p] {
						missed[p] = true
					}
				}
			}
		}
	}()
	return func() []int32 { close(stop); return <-stopped }
}

func TestTrap15NothingIsSaidToRunBeforeItIsRecovered(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	first := w.start(t.TempDir())
	w.caughtUp(first)
	first.stop()
	slow := w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: w.names.Table, Count: -1, Err: kerr.NotLeaderForPartition,
		When: func(r kmsg.Request) bool { return r.(*kmsg.ListOffsetsRequest).Version == saramaListOffsets },
	})
	i := w.start(t.TempDir())
	until(t, "attempts", func() bool { return slow.Hits() > 3 })
	if partition(i, 0).Running {
		t.Error("a partition that is not recovered is said to run")
	}
	slow.Remove()
	until(t, "the partition running", func() bool { return partition(i, 0).Running })
}

func TestTrap16TheGroupIsCooperative(t *testing.T) {
	w := newWorld(t, 1)
	i := w.start(t.TempDir())
	until(t, "the partition running", func() bool { return partition(i, 0).Running })
	groups, err := kadm.NewClient(w.client).DescribeGroups(t.Context(), w.names.Group)
	if err != nil {
		t.Fatal(err)
	}
	if p := groups[w.names.Group].Protocol; p != "cooperative-sticky" {
		t.Errorf("the group's protocol is %q", p)
	}
}

func TestTrap19TheStateIsOnDisk(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	if _, err := os.Stat(filepath.Join(stateOf(dir, 0), "CURRENT")); err != nil {
		t.Error(err)
	}
}

func TestTrap20PositionsAreKnownAfterARestart(t *testing.T) {
	w := newWorld(t, 2)
	for id := range 20 {
		w.produce(upsert(id, "a"))
	}
	dir := t.TempDir()
	first := w.start(dir)
	w.caughtUp(first)
	before := first.Status().Partitions
	first.stop()
	second := w.start(dir)
	w.caughtUp(second) // nothing is read again: the positions are kept
	for n, p := range second.Status().Partitions {
		if p.Source != before[n].Source || p.Changelog != before[n].Changelog {
			t.Errorf("after a restart %+v, before %+v", p, before[n])
		}
	}
}

func TestTrap21InstancesMayStartTogether(t *testing.T) {
	w := newWorld(t, 3)
	for id := range 30 {
		w.produce(upsert(id, "a"))
	}
	var all []*instance
	for range 3 {
		all = append(all, w.start(t.TempDir()))
	}
	w.caughtUp(all...)
	for _, i := range all {
		if err := i.Status().Err; err != nil {
			t.Error(err)
		}
	}
}

func TestTrap22AFreshTopicsLeaderIsAskedAgainQuickly(t *testing.T) {
	w := newWorld(t, 1)
	if _, err := kafka.Ensure(t.Context(), w.settings, w.table); err != nil {
		t.Fatal(err)
	}
	w.produce(upsert(1, "a"))
	fault := w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: w.names.Table, Count: 6, Err: kerr.NotLeaderForPartition,
		When: func(r kmsg.Request) bool { return r.(*kmsg.ListOffsetsRequest).Version == saramaListOffsets },
	})
	began := time.Now()
	i := w.start(t.TempDir())
	w.caughtUp(i)
	if fault.Hits() == 0 {
		t.Error("the fault did not happen")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s to begin", took)
	}
}

// saramaListOffsets tells the requests of the recovery's client from those of the topics' check.
const saramaListOffsets = 6
