package processors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/tables"
)

// newRepartitionedWorld is one whose source puts its records anywhere.
func newRepartitionedWorld(t *testing.T, partitions int32) *world {
	w := newWorld(t, partitions)
	w.table.Source.Partitioner = tables.PartitionAny
	return w
}

// awaitRepartitioned waits until everything that the source has is processed.
func (w *world) awaitRepartitioned(all ...*instance) {
	w.t.Helper()
	until(w.t, "all of the source copied", func() bool {
		ends, err := kafka.EndOffsets(w.t.Context(), w.client, sourceTopic)
		if err != nil {
			w.t.Fatal(err)
		}
		reached := map[int32]int64{}
		for _, i := range all {
			for _, s := range i.Status().Repartitioned {
				reached[s.Partition] = max(reached[s.Partition], s.Source)
			}
		}
		for p, end := range ends {
			if reached[int32(p)] < end {
				return false
			}
		}
		return true
	})
}

// settles waits until the changelog holds these rows.
func (w *world) settles(want map[int64]string) {
	w.t.Helper()
	var got map[int64]string
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		if got = w.changelog(); maps.Equal(got, want) {
			return
		}
		<-tick.C
	}
	for k, v := range want {
		if got[k] != v {
			w.t.Errorf("row %d is %q, want %q", k, got[k], v)
		}
	}
	w.t.Fatalf("%d rows, want %d", len(got), len(want))
}

// anywhere puts records into partitions of their own choice, key by key in one.
func anywhere(dice *rand.Rand, partitions int32, recs ...*kgo.Record) []*kgo.Record {
	for _, r := range recs {
		r.Topic, r.Partition = sourceTopic, dice.Int32N(partitions)
	}
	return recs
}

func TestAnyPartitionerGivesEveryRowOneHome(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newRepartitionedWorld(t, 4)
	i := w.start(t.TempDir())
	dice := rand.New(rand.NewPCG(1, 2))
	want := map[int64]string{}
	for id := range 200 {
		w.produceRaw(anywhere(dice, 4, upsert(id, "first"))...)
		want[int64(id)] = "first"
	}
	w.awaitRepartitioned(i)
	for id := range 200 {
		switch id % 4 {
		case 0:
			w.produceRaw(anywhere(dice, 4, remove(id))...)
			delete(want, int64(id))
		case 1:
			w.produceRaw(anywhere(dice, 4, upsert(id, fmt.Sprint("second ", id)))...)
			want[int64(id)] = fmt.Sprint("second ", id)
		}
	}
	w.awaitRepartitioned(i)
	w.settles(want)
	homes := map[string]int32{}
	for _, r := range w.read(w.names.Table) {
		if home, ok := homes[string(r.Key)]; ok && home != r.Partition {
			t.Fatalf("key %x lives in partitions %d and %d", r.Key, home, r.Partition)
		}
		homes[string(r.Key)] = r.Partition
	}
}

// once checks what the topic by keys holds: each record of the source exactly once, at
// home, and those of one key and one source partition in their order.
func (w *world) once() {
	w.t.Helper()
	type position struct {
		partition int32
		offset    int64
	}
	seen := map[position]int{}
	last := map[string]int64{}
	for _, r := range w.read(w.names.Keyed) {
		o, err := wire.ParseOrigin(r.Headers[len(r.Headers)-1].Value)
		if err != nil {
			w.t.Fatal(err)
		}
		seen[position{o.Partition, o.Offset}]++
		key := fmt.Sprint(o.Partition, "/", string(r.Key))
		if before, ok := last[key]; ok && before >= o.Offset {
			w.t.Errorf("key %x of source partition %d: offset %d behind %d", r.Key, o.Partition, o.Offset, before)
		}
		last[key] = o.Offset
		if home, _ := kafka.PartitionOf(tables.PartitionMurmur2, r.Key, w.parts); home != r.Partition {
			w.t.Errorf("key %x stands in partition %d, its home is %d", r.Key, r.Partition, home)
		}
	}
	ends, err := kafka.EndOffsets(w.t.Context(), w.client, sourceTopic)
	if err != nil {
		w.t.Fatal(err)
	}
	for p, end := range ends {
		for at := range end {
			if n := seen[position{int32(p), at}]; n != 1 {
				w.t.Errorf("record %d:%d stands there %d times", p, at, n)
			}
		}
	}
}

// TestRecordsAreRepartitionedOnceThroughKills kills two processes again and again while
// records come: in the middle of transactions, too.
func TestRecordsAreRepartitionedOnceThroughKills(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newRepartitionedWorld(t, 3)
	first, second := w.spawn(t.TempDir(), "any"), w.spawn(t.TempDir(), "any")
	dice := rand.New(rand.NewPCG(3, 4))
	want := map[int64]string{}
	for round := range 6 {
		for range 40 {
			var recs []*kgo.Record
			for range 20 {
				id := dice.IntN(60)
				// A key keeps its partition: elsewhere its changes have no order.
				r := upsert(id, fmt.Sprint(round, dice.Uint32()))
				r.Topic, r.Partition = sourceTopic, int32(id%3)
				recs = append(recs, r)
			}
			w.produceRaw(recs...)
			for _, r := range recs {
				want[int64(w.keyOf(r))] = w.vOf(r)
			}
		}
		victim := first
		if round%2 == 1 {
			victim = second
		}
		victim.kill()
		victim.start()
	}
	w.settles(want)
	w.once()
}

// keyOf and vOf read a record that upsert has made.
func (w *world) keyOf(r *kgo.Record) (id int) {
	if _, err := fmt.Sscanf(string(r.Key), `{"id":%d}`, &id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) vOf(r *kgo.Record) string {
	var e struct{ After struct{ V string } }
	if err := json.Unmarshal(r.Value, &e); err != nil {
		w.t.Fatal(err)
	}
	return e.After.V
}

func TestASecondInstanceTakesItsShareOfPlacing(t *testing.T) {
	w := newRepartitionedWorld(t, 4)
	a := w.start(t.TempDir())
	for id := range 40 {
		w.produceRaw(&kgo.Record{Topic: sourceTopic, Partition: int32(id % 4), Key: keyJSON(id), Value: rowJSON("c", id, "one", 1)})
	}
	w.awaitRepartitioned(a)
	b := w.start(t.TempDir())
	until(t, "partitions shared", func() bool { return len(a.Status().Repartitioned) == 2 && len(b.Status().Repartitioned) == 2 })
	want := map[int64]string{}
	for id := range 40 {
		w.produceRaw(&kgo.Record{Topic: sourceTopic, Partition: int32(id % 4), Key: keyJSON(id), Value: rowJSON("u", id, "two", 2)})
		want[int64(id)] = "two"
	}
	w.awaitRepartitioned(a, b)
	a.stop()
	until(t, "all partitions copied by the one that is left", func() bool { return len(b.Status().Repartitioned) == 4 })
	w.settles(want)
	w.once()
}

func TestASourceThatGrowsMovesNoRow(t *testing.T) {
	w := newRepartitionedWorld(t, 2)
	i := w.start(t.TempDir())
	w.produceRaw(&kgo.Record{Topic: sourceTopic, Partition: 0, Key: keyJSON(1), Value: rowJSON("c", 1, "before", 1)})
	w.awaitRepartitioned(i)
	w.grow(sourceTopic, 5)
	until(t, "the new partitions copied", func() bool { return len(i.Status().Repartitioned) == 5 })
	w.client = w.newClient() // the old one does not know of them yet
	for p := range int32(5) {
		w.produceRaw(&kgo.Record{Topic: sourceTopic, Partition: p, Key: keyJSON(int(p)), Value: rowJSON("u", int(p), "after", 2)})
	}
	w.awaitRepartitioned(i)
	w.settles(map[int64]string{0: "after", 1: "after", 2: "after", 3: "after", 4: "after"})
	if err := i.Status().Err; err != nil {
		t.Errorf("the status says %v", err)
	}
}

func TestARecreatedSourceIsNotRepartitioned(t *testing.T) {
	w := newRepartitionedWorld(t, 1)
	i := w.start(t.TempDir())
	w.produceRaw(&kgo.Record{Topic: sourceTopic, Key: keyJSON(1), Value: rowJSON("c", 1, "old", 1)})
	w.awaitRepartitioned(i)
	w.settles(map[int64]string{1: "old"})
	if err := errors.Join(w.broker.Faults().DeleteTopic(sourceTopic), w.broker.Faults().CreateTopic(sourceTopic, 1, nil)); err != nil {
		t.Fatal(err)
	}
	var e *kafka.RecreatedError
	until(t, "a refusal", func() bool { return errors.As(i.Status().Err, &e) })
	i.stop()
	j := w.start(t.TempDir())
	until(t, "a refusal by another process", func() bool {
		for _, s := range j.Status().Repartitioned {
			if errors.As(s.Err, &e) {
				return true
			}
		}
		return false
	})
}

// A dead letter of a record that was repartitioned names where the source has it.
func TestDeadLettersNameThePlaceInTheSource(t *testing.T) {
	w := newRepartitionedWorld(t, 3)
	i := w.start(t.TempDir())
	w.produceRaw(
		&kgo.Record{Topic: sourceTopic, Partition: 2, Key: keyJSON(1), Value: rowJSON("c", 1, "fine", 1)},
		&kgo.Record{Topic: sourceTopic, Partition: 2, Key: nil, Value: rowJSON("c", 2, "no address", 1), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("v")}}},
		&kgo.Record{Topic: sourceTopic, Partition: 1, Key: []byte(`{"id":"x"}`), Value: rowJSON("c", 3, "bad", 1)},
	)
	w.awaitRepartitioned(i)
	until(t, "two dead letters", func() bool { return len(w.read(w.names.DeadLetters)) == 2 })
	got := map[string]bool{}
	for _, r := range w.read(w.names.DeadLetters) {
		d := deadletter.Parse(r)
		got[fmt.Sprintf("%s %d:%d key %q", d.Topic, d.SourcePartition, d.Offset, r.Key)] = true
		if d.KeyedOffset < 0 {
			t.Errorf("%+v does not say where the record was read", d)
		}
	}
	for _, want := range []string{sourceTopic + ` 2:1 key ""`, sourceTopic + ` 1:0 key "{\"id\":\"x\"}"`} {
		if !got[want] {
			t.Errorf("no dead letter %s among %v", want, got)
		}
	}
	w.settles(map[int64]string{1: "fine"})
}

// TestFreshnessThroughTheTopicByKeys bounds what repartitioning costs; the figure is logged.
func TestFreshnessThroughTheTopicByKeys(t *testing.T) {
	w := newRepartitionedWorld(t, 1)
	w.start(t.TempDir())
	until(t, "topics", func() bool { return w.exists(w.names.Table) })
	reader := w.newClient(kgo.ConsumeTopics(w.names.Table))
	next := func() {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if reader.PollFetches(ctx).NumRecords() == 0 {
			t.Fatal("no row comes")
		}
	}
	var took []time.Duration
	for id := range 30 {
		began := time.Now()
		w.produceRaw(&kgo.Record{Topic: sourceTopic, Key: keyJSON(id), Value: rowJSON("c", id, "v", 1)})
		next()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	t.Logf("from the source to the changelog: median %s, longest %s", took[len(took)/2], took[len(took)-1])
	if median := took[len(took)/2]; median > 2*time.Second {
		t.Errorf("median %s", median)
	}
}
