package kafka

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestRecordsLargerThanAFetchAreRead shows that neither client stops at a record that is larger than
// what it would read at most by itself, which is 100 MiB with both.
func TestRecordsLargerThanAFetchAreRead(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "source"),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": "300000000", "socket.request.max.bytes": "300000000"}))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	s := Settings{Brokers: cluster.ListenAddrs()}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const size = 101 << 20
	producer, err := s.Client(kgo.BrokerMaxWriteBytes(256<<20), kgo.ProducerBatchMaxBytes(200<<20), kgo.ProducerBatchCompression(kgo.NoCompression()))
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	sent := producer.ProduceSync(ctx, &kgo.Record{Topic: "source", Value: bytes.Repeat([]byte("x"), size)}, &kgo.Record{Topic: "source", Value: []byte("next")})
	if err := sent.FirstErr(); err != nil {
		t.Fatal(err)
	}

	reader, err := s.Client(kgo.ConsumeTopics("source"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var sizes []int
	for len(sizes) < 2 {
		fetches := reader.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) { sizes = append(sizes, len(r.Value)) })
	}
	if sizes[0] != size {
		t.Errorf("franz-go read %v", sizes)
	}

	config, err := s.Sarama()
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := sarama.NewConsumer(s.Brokers, config)
	if err != nil {
		t.Fatal(err)
	}
	defer consumer.Close()
	part, err := consumer.ConsumePartition("source", 0, sarama.OffsetOldest)
	if err != nil {
		t.Fatal(err)
	}
	defer part.Close()
	for i, want := range []int{size, len("next")} {
		select {
		case m := <-part.Messages():
			if len(m.Value) != want {
				t.Errorf("sarama read %d bytes as record %d, want %d", len(m.Value), i, want)
			}
		case err := <-part.Errors():
			t.Fatal(err)
		case <-ctx.Done():
			t.Fatal("sarama delivered nothing")
		}
	}
}
