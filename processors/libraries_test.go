package processors

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/kafkatest"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/processors/feed"
	"github.com/tidemark/tidemark/processors/pending"
)

// The tests here show what goka, sarama and goleveldb do unless they are kept from it;
// each fails when its remedy is taken out. More of them are beside the local state.

func TestChangelogRecordsStayInTheInputsPartition(t *testing.T) {
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

func TestDeletionsAreProcessed(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), upsert(2, "b"), upsert(3, "c"), tombstone(1), remove(2))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{3: "c"}, w.changelog())
}

func TestANewGroupStartsAtTheOldestRecord(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "before the group was there"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "before the group was there"}, w.changelog())
}

func TestOnlyTheLowWatermarkIsCommitted(t *testing.T) {
	q := pending.New(10, 100, 1<<20, nil)
	for off := int64(10); off < 14; off++ {
		e := q.Get()
		e.Offset = off
		q.Push(e)
	}
	r := &run{claim: &claim{queue: q, shared: &shared{sourceTopic: sourceTopic}}, gate: feed.NewGate()}
	r.commit(sourceTopic, 12) // offset 11 is acknowledged before 10
	r.commit(sourceTopic, 14)
	if q.Watermark() != 10 {
		t.Errorf("the watermark is %d while offset 10 is not done", q.Watermark())
	}
	r.commit(sourceTopic, 11)
	if q.Watermark() != 12 {
		t.Errorf("the watermark is %d, want 12", q.Watermark())
	}
	r.commit(sourceTopic, 13)
	if q.Watermark() != 14 {
		t.Errorf("the watermark is %d, want 14", q.Watermark())
	}
}

func TestEqualPositionIsWrittenAgain(t *testing.T) {
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

func TestTheChangelogIsWrittenIdempotentlyWithAllAcks(t *testing.T) {
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

func TestAbortedRecordsAreNotRead(t *testing.T) {
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
		if err := kafkatest.EndTransaction(t.Context(), c, end, sourceTopic); err != nil {
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

func TestATopicOfOtherPartitionsIsRefused(t *testing.T) {
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

func TestABadRecordEndsNothing(t *testing.T) {
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
	if h[deadletter.HeaderTopic] != sourceTopic || h[deadletter.HeaderPartition] != "0" || h[deadletter.HeaderOffset] != "1" || h[deadletter.HeaderError] == "" || h[deadletter.HeaderTable] != "orders" {
		t.Errorf("headers of the dead letter: %v", h)
	}
}

func TestARowThatTheChangelogDoesNotTakeEndsNothing(t *testing.T) {
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
	if dead := w.read(w.names.DeadLetters); len(dead) != 1 || headers(dead[0])[deadletter.HeaderOffset] != "1" {
		t.Errorf("dead letters: %v", dead)
	}
	if n := counter(t, i.metrics.failures); n != 0 {
		t.Errorf("%v runs ended", n)
	}
}
