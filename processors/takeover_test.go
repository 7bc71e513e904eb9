package processors

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
)

// A process that has run since the changelog was made again takes a partition over from
// another one where that has left it.
func TestAHealthyPartitionIsNotReadAgainFromTheStart(t *testing.T) {
	w := newWorld(t, 2)
	for id := range 100 {
		w.produce(upsert(id, "a"))
	}
	i := w.start(t.TempDir())
	w.caughtUp(i)
	i.stop()
	if err := w.broker.Faults().DeleteTopic(w.names.Table); err != nil {
		t.Fatal(err)
	}
	one, other := w.start(t.TempDir()), w.start(t.TempDir())
	until(t, "a partition each", func() bool { return len(running(one)) == 1 && len(running(other)) == 1 })
	w.caughtUp(one, other)
	if n := len(w.changelog()); n != 100 {
		t.Fatalf("the changelog has %d rows, want all", n)
	}
	before := len(w.read(w.names.Table))
	<-time.After(2 * commitEvery) // what is not committed is read again
	other.stop()
	until(t, "both partitions", func() bool { return len(running(one)) == 2 })
	w.produce(upsert(1, "b"), upsert(2, "b"), upsert(3, "b"), upsert(4, "b"))
	w.caughtUp(one)
	if n := len(w.read(w.names.Table)) - before; n != 4 {
		t.Errorf("%d changelog records for four changes: the source was read again", n)
	}
}

// memberOf is a member of the table's group, before it has joined.
func (w *world) memberOf(i *instance) *member {
	w.t.Helper()
	source, err1 := kafka.Describe(w.t.Context(), w.client, sourceTopic)
	changelog, err2 := kafka.Describe(w.t.Context(), w.client, w.names.Table)
	if err := errors.Join(err1, err2); err != nil {
		w.t.Fatal(err)
	}
	s, closeAll, err := i.openShared(w.t.Context(), w.client, source, changelog)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(closeAll)
	s.recall = &i.recall
	return &member{shared: s}
}

// A lookup that fails says nothing: the partition is not begun with until it is known
// where, or whether records were lost could not be told.
func TestAStartThatCannotBeLookedUpIsAskedAgain(t *testing.T) {
	for name, fault := range map[string]kfake.Fault{
		"the committed offset": {Keys: []kmsg.Key{kmsg.OffsetFetch}, Err: kerr.UnknownServerError, Count: 3},
		"the topic":            {Keys: []kmsg.Key{kmsg.Metadata}, Err: kerr.UnknownServerError, Count: 3},
		"the last changelog":   {Keys: []kmsg.Key{kmsg.ListOffsets}, Err: kerr.UnknownServerError, Count: 3},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			w.produce(upsert(1, "a"), upsert(2, "b"), upsert(3, "c"))
			i := w.start(t.TempDir())
			w.caughtUp(i)
			i.stop()
			m := w.memberOf(i)
			f := w.broker.Faults().Fault(fault)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			start, err := m.start(ctx, 0, -2)
			if err != nil || start != 3 || f.Hits() < 3 {
				t.Errorf("the start is %d, %v, after %d refusals; want 3", start, err, f.Hits())
			}
		})
	}
}

// A changelog that is not the one that this process works on is nothing to decide by.
func TestAStartIsNotTakenFromAnotherChangelog(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	i.stop()
	m := w.memberOf(i)
	m.changelogID[0]++
	if start, err := m.startOf(t.Context(), 0, 1); err == nil {
		t.Errorf("the start is %d", start)
	}
}

func TestASessionWithoutHeartbeatsOfTheLeaseDoesNotBegin(t *testing.T) {
	w := newWorld(t, 1)
	i := w.start(t.TempDir())
	until(t, "the partition", func() bool { return partition(i, 0).Running })
	i.stop()
	m := w.memberOf(i)
	broken := errors.New("no client")
	m.dial = func() (*kgo.Client, error) { return nil, broken }
	if err := m.Setup(nil); !errors.Is(err, broken) {
		t.Errorf("the session begins: %v", err)
	}
	if err := m.Cleanup(nil); err != nil {
		t.Error(err)
	}
}

// The committed offset that sarama hides, because its records are gone, is known all the same.
func TestACommittedOffsetWhoseRecordsAreGoneIsKnown(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	i.stop()
	w.produce(upsert(2, "b"), upsert(3, "c"))
	var gone kadm.Offsets
	gone.Add(kadm.Offset{Topic: sourceTopic, Partition: 0, At: 2})
	if _, err := kadm.NewClient(w.client).DeleteRecords(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	i = w.start(t.TempDir())
	w.caughtUp(i)
	if lost := partition(i, 0).Lost; lost == nil || lost.Next != 1 || lost.Start != 2 {
		t.Errorf("lost records: %v", lost)
	}
}
