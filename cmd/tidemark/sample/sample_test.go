package sample_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/kafka/kafkatest"
)

func start(t *testing.T) kafka.Settings {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{"src": 3}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return kafka.Settings{Brokers: b.Addrs()}
}

func connect(t *testing.T, s kafka.Settings, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := s.Client(append(opts, kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestNewestRecordsOfEachPartition(t *testing.T) {
	s := start(t)
	c := connect(t, s)
	for i := range 30 {
		r := &kgo.Record{
			Topic: "src", Partition: int32(i % 2), Key: fmt.Append(nil, i), Value: []byte("v"),
			Headers: []kgo.RecordHeader{{Key: "h", Value: []byte{1}}},
		}
		if err := c.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := sample.Take(t.Context(), sample.Options{Kafka: s, Topic: "src", Records: 4})
	if err != nil {
		t.Fatal(err)
	}
	if got.Topic.Partitions != 3 || !slices.Equal(got.Ends, []int64{15, 15, 0}) || !slices.Equal(got.Starts, []int64{0, 0, 0}) {
		t.Errorf("the topic is %+v, from %v to %v", got.Topic, got.Starts, got.Ends)
	}
	var keys []string
	for _, r := range got.Records {
		keys = append(keys, string(r.Key))
		if r.Offset < 11 || len(r.Headers) != 1 || r.Headers[0].Name != "h" || string(r.Value) != "v" {
			t.Errorf("a record is %+v", r)
		}
	}
	slices.Sort(keys)
	if !slices.Equal(keys, []string{"22", "23", "24", "25", "26", "27", "28", "29"}) {
		t.Errorf("the keys are %v", keys)
	}
}

// The last offset of a partition may never be delivered.
func TestEndThatIsNeverDelivered(t *testing.T) {
	s := start(t)
	c := connect(t, s, kgo.TransactionalID("t"))
	for _, commit := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort} {
		if err := c.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: "src", Value: []byte("v")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := kafkatest.EndTransaction(t.Context(), c, commit, "src"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := sample.Take(t.Context(), sample.Options{Kafka: s, Topic: "src"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Records) != 1 || got.Ends[0] < 3 {
		t.Errorf("%d records up to %v, want the committed one", len(got.Records), got.Ends)
	}
}

func TestTopicThatDoesNotExist(t *testing.T) {
	if _, err := sample.Take(t.Context(), sample.Options{Kafka: start(t), Topic: "nowhere"}); !errors.Is(err, kafka.ErrNoSource) {
		t.Errorf("the error is %v", err)
	}
}

func TestEmptyTopic(t *testing.T) {
	got, err := sample.Take(t.Context(), sample.Options{Kafka: start(t), Topic: "src"})
	if err != nil || len(got.Records) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
