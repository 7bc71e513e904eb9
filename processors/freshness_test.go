package processors

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/tables"
)

// BenchmarkFreshness produces 1,000 events a second and measures the time until a
// reader of the changelog has each.
func BenchmarkFreshness(b *testing.B) {
	const partitions = 8
	br, err := broker.Start(b.Context(), broker.Options{Topics: map[string]int32{sourceTopic: partitions}})
	if err != nil {
		b.Fatal(err)
	}
	defer br.Close()
	settings := kafka.Settings{Brokers: br.Addrs()}
	p, err := New(Options{Table: ordersTable(), Kafka: settings, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(p.Status().Partitions) < partitions {
		<-tick.C
	}
	client, err := settings.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ConsumeTopics(settings.Names(&tables.Table{Name: "orders"}).Table))
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	w := &world{parts: partitions}
	sent := make([]time.Time, b.N)
	b.ResetTimer()
	go func() {
		for n := range b.N {
			<-tick.C
			r := &kgo.Record{Topic: sourceTopic, Key: keyJSON(n), Value: rowJSON("c", n, "v", n)}
			r.Partition = w.home(r.Key)
			sent[n] = time.Now()
			client.Produce(ctx, r, nil)
		}
	}()
	var took []time.Duration
	for len(took) < b.N {
		client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			s := w.idOf(r.Key)
			took = append(took, time.Since(sent[s]))
		})
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}
