package stream_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/kafka/stream"
)

const patience = 30 * time.Second

// world is a broker, and a reader of its partitions.
type world struct {
	t        testing.TB
	options  broker.Options
	broker   *broker.Broker
	settings kafka.Settings
	client   *kgo.Client
	reader   *stream.Reader
}

func open(t testing.TB) *world { return openWith(t, broker.Options{}) }

func openWith(t testing.TB, o broker.Options) *world {
	t.Helper()
	w := &world{t: t, options: o}
	w.startBroker()
	w.settings = kafka.Settings{Brokers: w.broker.Addrs()}
	w.client = w.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.NoCompression()))
	w.reader = stream.New(w.settings, func() (*kgo.Client, error) { return w.client, nil })
	t.Cleanup(w.reader.Close)
	return w
}

// startBroker starts the broker, where and with what it had before.
func (w *world) startBroker() {
	w.t.Helper()
	b, err := broker.Start(context.Background(), w.options)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = b.Close() })
	w.broker, w.options.Addr = b, b.Addrs()[0]
}

func (w *world) connect(extra ...kgo.Opt) *kgo.Client {
	w.t.Helper()
	c, err := w.settings.Client(extra...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Close)
	return c
}

func (w *world) create(partitions int32, topics ...string) {
	w.t.Helper()
	most := "80000000"
	if _, err := kadm.NewClient(w.client).CreateTopics(context.Background(), partitions, 1, map[string]*string{"max.message.bytes": &most}, topics...); err != nil {
		w.t.Fatal(err)
	}
}

// put writes records to a partition, each a batch of its own.
func (w *world) put(topic string, partition int32, values ...string) {
	w.t.Helper()
	for _, v := range values {
		r := &kgo.Record{Topic: topic, Partition: partition, Key: []byte("k"), Value: []byte(v)}
		if err := w.client.ProduceSync(context.Background(), r).FirstErr(); err != nil {
			w.t.Fatal(err)
		}
	}
}

// fill writes many records to a partition.
func (w *world) fill(topic string, partition int32, n, size int) {
	w.t.Helper()
	var failed atomic.Value
	for i := range n {
		r := &kgo.Record{Topic: topic, Partition: partition, Value: fmt.Appendf(make([]byte, 0, size+8), "%0*d", size, i)}
		w.client.Produce(context.Background(), r, func(_ *kgo.Record, err error) {
			if err != nil {
				failed.Store(err)
			}
		})
	}
	if err := w.client.Flush(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	if err := failed.Load(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(topic string, partition int32, from int64) sarama.PartitionConsumer {
	w.t.Helper()
	p, err := w.reader.Consumer().ConsumePartition(topic, partition, from)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(p.AsyncClose)
	return p
}

// next returns the next message, which must come in time.
func (w *world) next(p sarama.PartitionConsumer) *sarama.ConsumerMessage {
	w.t.Helper()
	select {
	case m, open := <-p.Messages():
		if !open {
			w.t.Fatal("the partition has ended")
		}
		return m
	case <-time.After(patience):
		w.t.Fatal("no message came")
		return nil
	}
}

// expect compares the values of the next messages.
func (w *world) expect(p sarama.PartitionConsumer, values ...string) {
	w.t.Helper()
	for _, v := range values {
		if m := w.next(p); string(m.Value) != v {
			w.t.Fatalf("the message at %d is %.40q, want %.40q", m.Offset, m.Value, v)
		}
	}
}

// expectEnd waits for the error that ends the partition.
func (w *world) expectEnd(p sarama.PartitionConsumer) error {
	w.t.Helper()
	late := time.After(patience)
	var last error
	for {
		select {
		case err, open := <-p.Errors():
			if !open {
				return last
			}
			last = err.Err
		case <-late:
			w.t.Fatal("the partition has not ended")
		}
	}
}
