package processors

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/tables"
)

// BenchmarkBatch takes a batch after 37,000 changes in a table of b.N rows while
// 1,000 events a second go on, and reports how long it takes, from the barrier to the
// last manifest, and the longest time between two changelog records of a partition.
func BenchmarkBatch(b *testing.B) {
	const partitions, changes = 8, 37_000
	br, err := broker.Start(b.Context(), broker.Options{Topics: map[string]int32{sourceTopic: partitions}})
	if err != nil {
		b.Fatal(err)
	}
	defer br.Close()
	s := kafka.Settings{Brokers: br.Addrs()}
	rows := max(b.N, 1000)
	fillSource(b, s, rows, rows, partitions)
	p, err := New(Options{Table: ordersTable(), Kafka: s, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	client, err := s.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	settle := func() { awaitSource(b, p, client) }
	settle()
	takeBatch(b, s, client, partitions)
	fillSource(b, s, changes, rows, partitions)
	settle()

	began := time.Now()
	go trickle(ctx, client, partitions)
	b.ResetTimer()
	took := takeBatch(b, s, client, partitions)
	b.StopTimer()
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	last, longest := map[int32]time.Time{}, time.Duration(0)
	topic := s.Names(&tables.Table{Name: "orders"}).Table
	spans, err := logread.Spans(b.Context(), client, topic)
	if err != nil {
		b.Fatal(err)
	}
	for p := range spans {
		spans[p].From = max(spans[p].From, spans[p].End-2000)
	}
	err = logread.ReadSpans(b.Context(), client, topic, spans, func(r *kgo.Record) error {
		if at, ok := last[r.Partition]; ok && at.After(began.Add(200*time.Millisecond)) {
			longest = max(longest, r.Timestamp.Sub(at))
		}
		last[r.Partition] = r.Timestamp
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(took.Seconds(), "batch-s")
	b.ReportMetric(float64(longest.Milliseconds()), "longest-gap-ms")
}

func awaitSource(b *testing.B, p *Processor, client *kgo.Client) {
	b.Helper()
	ends, err := kafka.EndOffsets(b.Context(), client, sourceTopic)
	if err != nil {
		b.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for n := 0; n < len(ends); <-tick.C {
		n = 0
		for _, s := range p.Status().Partitions {
			if s.Source >= ends[s.Partition] {
				n++
			}
		}
	}
}

// takeBatch asks for a batch and waits for its manifests.
func takeBatch(b *testing.B, s kafka.Settings, client *kgo.Client, partitions int) time.Duration {
	b.Helper()
	before, err := kafka.EndOffsets(b.Context(), client, s.Names(&tables.Table{Name: "orders"}).Batches)
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if _, err := batch.Request(b.Context(), s, &tables.Table{Name: "orders"}, batch.TriggerDemand); err != nil {
		b.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		now, err := kafka.EndOffsets(b.Context(), client, s.Names(&tables.Table{Name: "orders"}).Batches)
		if err != nil {
			b.Fatal(err)
		}
		if now[0]-before[0] >= int64(partitions) {
			return time.Since(began)
		}
		<-tick.C
	}
}

// trickle produces 1,000 events a second.
func trickle(ctx context.Context, client *kgo.Client, partitions int32) {
	w := &world{parts: partitions}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r := upsert(n%1000, "v")
			r.Topic, r.Partition = sourceTopic, w.home(r.Key)
			client.Produce(ctx, r, nil)
		}
	}
}
