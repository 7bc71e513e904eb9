package views_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/tables"
)

// BenchmarkFreshness writes changelog records at 1,000 a second and reports the
// time from each produce to its being readable, at the median and the 99th
// percentile.
func BenchmarkFreshness(b *testing.B) {
	w := newWorld(b, 8)
	v := w.view(b.TempDir()).ready()
	const pace = time.Millisecond
	const warm = 500
	var mu sync.Mutex
	var took []time.Duration
	var all sync.WaitGroup
	tick := time.NewTicker(pace)
	defer tick.Stop()
	n := max(b.N, 3000) + warm
	for i := range n {
		<-tick.C
		p := int32(i % 8)
		r := row{status: "new", total: int64(i), offset: int64(i / 8)}
		id := int64(i % 2000)
		begun := time.Now()
		w.client.Produce(b.Context(), &kgo.Record{
			Topic: w.names.Table, Partition: p, Key: []byte(key(id*8 + int64(p))), Value: w.stateRow(id*8+int64(p), r), Headers: stamp(r.offset),
		}, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			var pos tables.Position
			if err := v.WaitPosition(ctx, pos.Set(p, r.offset+1)); err != nil {
				b.Error(err)
				return
			}
			if i >= warm {
				mu.Lock()
				took = append(took, time.Since(begun))
				mu.Unlock()
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}
