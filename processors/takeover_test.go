package processors

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/tidemark/tidemark/processors/group"
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
	<-time.After(2 * group.CommitEvery) // what is not committed is read again
	other.stop()
	until(t, "both partitions", func() bool { return len(running(one)) == 2 })
	w.produce(upsert(1, "b"), upsert(2, "b"), upsert(3, "b"), upsert(4, "b"))
	w.caughtUp(one)
	if n := len(w.read(w.names.Table)) - before; n != 4 {
		t.Errorf("%d changelog records for four changes: the source was read again", n)
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
