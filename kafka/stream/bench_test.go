package stream_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
)

// consumers are what is compared: sarama's own, and this package's. The broker is in the same process, so
// that its work is in both figures.
func (w *world) consumers() map[string]func() sarama.Consumer {
	return map[string]func() sarama.Consumer{
		"stream": func() sarama.Consumer { return w.reader.Consumer() },
		"sarama": func() sarama.Consumer {
			c, err := w.settings.Sarama()
			if err != nil {
				w.t.Fatal(err)
			}
			consumer, err := sarama.NewConsumer(w.settings.Brokers, c)
			if err != nil {
				w.t.Fatal(err)
			}
			w.t.Cleanup(func() { _ = consumer.Close() })
			return consumer
		},
	}
}

// BenchmarkOneTopicAtFullSpeed reads a partition that has much: an operation is a record of 500 bytes.
func BenchmarkOneTopicAtFullSpeed(b *testing.B) {
	w := open(b)
	w.create(1, "a")
	const records = 200_000
	w.fill("a", 0, records, 500)
	for name, consumer := range w.consumers() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for left := b.N; left > 0; left -= records {
				p, err := consumer().ConsumePartition("a", 0, 0)
				if err != nil {
					b.Fatal(err)
				}
				for range min(left, records) {
					<-p.Messages()
				}
				p.AsyncClose()
			}
		})
	}
}

// BenchmarkEventsSpread has 1,000 events a second written to one partition, and spread over all of 600 that are read.
// An operation is an event; what is reported is the processor time of all, broker and producer included.
func BenchmarkEventsSpread(b *testing.B) {
	w := open(b)
	const topics, partitions = 200, 3
	var names []string
	for i := range topics {
		names = append(names, fmt.Sprint("t", i))
	}
	w.create(partitions, names...)
	for name, consumer := range w.consumers() {
		c := consumer()
		events := make(chan *sarama.ConsumerMessage, 1000)
		for _, topic := range names {
			for n := range int32(partitions) {
				p, err := c.ConsumePartition(topic, n, sarama.OffsetNewest)
				if err != nil {
					b.Fatal(err)
				}
				go func() {
					for m := range p.Messages() {
						events <- m
					}
				}()
			}
		}
		for _, over := range []int{0, 1, topics} {
			b.Run(fmt.Sprint(name, "/", over), func(b *testing.B) {
				before := processorTime()
				began := time.Now()
				tick := time.NewTicker(time.Millisecond)
				defer tick.Stop()
				for i := range b.N {
					<-tick.C
					if over > 0 {
						w.client.Produce(b.Context(), &kgo.Record{Topic: names[i%over], Partition: int32(i % partitions), Value: []byte("v")}, nil)
						<-events
					}
				}
				b.ReportMetric(100*float64(processorTime()-before)/float64(time.Since(began)), "%cpu")
			})
		}
		_ = c.Close()
	}
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
