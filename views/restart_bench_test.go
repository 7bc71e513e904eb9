package views_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
)

// BenchmarkRestart reports how long a view with a batch of many rows takes until
// it is read again, and until it is ready. TIDEMARK_BENCH_ROWS sets how many; 1,000,000 otherwise.
func BenchmarkRestart(b *testing.B) {
	rows := int64(1_000_000)
	if s := os.Getenv("TIDEMARK_BENCH_ROWS"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		rows = n
	}
	const partitions = 8
	w := newWorld(b, partitions)
	manifests := make([]wire.Manifest, partitions)
	for id := range rows {
		p := id % partitions
		m := &manifests[p]
		value := w.stateRow(id, row{status: []string{"new", "paid", "sent"}[id%3], total: id, offset: m.Source})
		state, err := wire.ParseStateRow(value)
		if err != nil {
			b.Fatal(err)
		}
		m.Checksum += wire.RowHash(key(id), state.ValueBytes)
		w.client.Produce(b.Context(), &kgo.Record{
			Topic: w.names.Table, Partition: int32(p), Key: []byte(key(id)), Value: value, Headers: stamp(m.Source),
		}, nil)
		m.Source++
		m.Changelog++
		m.Rows++
	}
	if err := w.client.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	v := w.view(b.TempDir())
	await(b, "the first load", v.Ready)
	for p, m := range manifests {
		m.Batch, m.Partition, m.Partitions, m.Started = 1, int32(p), partitions, time.Now().UnixMicro()
		m.Fingerprint = wire.Fingerprint(w.table)
		w.produce(&kgo.Record{
			Topic: w.names.Batches, Key: wire.AppendManifestKey(nil, 1, int32(p)), Value: wire.AppendManifest(nil, m),
		})
	}
	v.sealed(1)
	b.ResetTimer()
	for range b.N {
		v.stop()
		begun := time.Now()
		v = w.view(v.dir).readable()
		b.ReportMetric(time.Since(begun).Seconds(), "s/readable")
		v.ready()
		b.ReportMetric(time.Since(begun).Seconds(), "s/ready")
		if v.Status().Origin != "batch file" || v.Snapshot().Rows() != rows {
			b.Fatalf("status %+v, %d rows", v.Status(), v.Snapshot().Rows())
		}
	}
	b.ReportMetric(float64(rows), "rows")
	b.ReportMetric(0, "ns/op")
}
