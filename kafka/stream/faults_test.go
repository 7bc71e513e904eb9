package stream_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kadm"
)

// truncate removes what a partition has before an offset.
func (w *world) truncate(topic string, partition int32, before int64) {
	w.t.Helper()
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: topic, Partition: partition, At: before})
	if _, err := kadm.NewClient(w.client).DeleteRecords(w.t.Context(), offsets); err != nil {
		w.t.Fatal(err)
	}
}

// TestARemovedOffsetEndsThePartition has records removed that wait to be read.
func TestARemovedOffsetEndsThePartition(t *testing.T) {
	w := open(t)
	w.create(1, "a", "b")
	w.fill("a", 0, 40_000, 1000)
	p, other := w.read("a", 0, 0), w.read("b", 0, 0)
	first := w.next(p)
	w.truncate("a", 0, 39_990)
	at := first.Offset + 1
	for m := range p.Messages() {
		if m.Offset != at {
			t.Fatalf("offset %d comes, want %d", m.Offset, at)
		}
		at++
	}
	if err := w.expectEnd(p); !errors.Is(err, sarama.ErrOffsetOutOfRange) {
		t.Errorf("the partition has ended by %v, want %v", err, sarama.ErrOffsetOutOfRange)
	}
	if at < 2 || at >= 39_990 {
		t.Errorf("it was read up to %d", at)
	}
	w.put("b", 0, "v")
	w.expect(other, "v")
	w.expect(w.read("a", 0, 39_999), fmt.Sprintf("%0*d", 1000, 39_999))
}

func TestADeletedTopicEndsItsPartitionsWhenItIsMadeAgain(t *testing.T) {
	w := open(t)
	w.create(2, "a", "b")
	w.put("a", 0, "first")
	p, idle, other := w.read("a", 0, 0), w.read("a", 1, 0), w.read("b", 0, 0)
	w.expect(p, "first")
	if _, err := kadm.NewClient(w.client).DeleteTopics(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := <-p.Errors(); err == nil || !strings.Contains(err.Error(), "UNKNOWN_TOPIC") {
		t.Errorf("the topic is missing: %v", err)
	}
	w.put("b", 0, "v")
	w.expect(other, "v")
	w.create(2, "a")
	w.client.PurgeTopicsFromProducing("a")
	w.put("a", 0, "of another topic", "more")
	w.put("a", 1, "of another topic")
	for _, p := range []sarama.PartitionConsumer{p, idle} {
		if err := w.expectEnd(p); err == nil || !strings.Contains(err.Error(), "made again") {
			t.Errorf("the partition has ended by %v", err)
		}
		for m := range p.Messages() {
			t.Errorf("a message of the other topic was read: %q", m.Value)
		}
	}
	w.expect(w.read("a", 0, 0), "of another topic", "more")
}
