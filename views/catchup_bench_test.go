package views_test

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// BenchmarkCatchUp reports how fast a new view reads a changelog, in records a second.
func BenchmarkCatchUp(b *testing.B) {
	const records, partitions = 400_000, 4
	w := newWorld(b, partitions)
	for i := range int64(records) {
		p := int32(i % partitions)
		offset := i / partitions
		r := row{status: []string{"new", "paid", "sent"}[i%3], total: i, offset: offset}
		id := i % 100_000
		w.client.Produce(b.Context(), &kgo.Record{
			Topic: w.names.Table, Partition: p, Key: []byte(key(id)), Value: w.stateRow(id, r), Headers: stamp(offset),
		}, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
	if err := w.client.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		begun := time.Now()
		dir := b.TempDir()
		b.StartTimer()
		v := w.view(dir).ready()
		b.ReportMetric(records/time.Since(begun).Seconds(), "records/s")
		b.StopTimer()
		v.stop()
		b.StartTimer()
	}
}
