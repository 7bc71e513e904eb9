package processors

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
)

// BenchmarkIngest reads events of about 670 bytes from the embedded broker, which
// runs in the same process, into an empty state, until every offset is done. Besides
// events/s it reports CPU seconds per million events, the broker's share included.
func BenchmarkIngest(b *testing.B) {
	const partitions, keys = 8, 100_000
	br, err := broker.Start(b.Context(), broker.Options{Topics: map[string]int32{sourceTopic: partitions}})
	if err != nil {
		b.Fatal(err)
	}
	defer br.Close()
	settings := kafka.Settings{Brokers: br.Addrs()}
	events := max(b.N, 1000)
	fillSource(b, settings, events, keys, partitions)

	p, err := New(Options{Table: ordersTable(), Kafka: settings, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	b.ReportAllocs()
	b.ResetTimer()
	cpu := cpuSeconds(b)
	began := time.Now()
	go func() { done <- p.Run(ctx) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for total := int64(0); total < int64(events); {
		<-tick.C
		total = 0
		for _, s := range p.Status().Partitions {
			total += s.Source
		}
	}
	took := time.Since(began).Seconds()
	b.StopTimer()
	b.ReportMetric(float64(events)/took, "events/s")
	b.ReportMetric((cpuSeconds(b)-cpu)*1e6/float64(events), "cpu-s/Mevents")
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

func fillSource(b *testing.B, s kafka.Settings, events, keys int, partitions int32) {
	b.Helper()
	c, err := s.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5*time.Millisecond))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	w := &world{parts: partitions}
	filler := strings.Repeat("x", 400)
	var failed error
	for i := range events {
		id := rand.IntN(keys)
		key := keyJSON(id)
		value := fmt.Appendf(nil, `{"before":null,"after":{"id":%d,"v":"value %d","big":%q},"source":{"version":"3.7.0","connector":"postgresql",`+
			`"name":"shop","ts_ms":%d,"snapshot":"false","db":"shop","schema":"public","table":"orders","txId":7,"lsn":%d},"op":"u","ts_ms":%d}`,
			id, i, filler, 1_700_000_000_000+i, i, 1_700_000_000_000+i)
		c.Produce(b.Context(), &kgo.Record{Topic: sourceTopic, Partition: w.home(key), Key: key, Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				failed = err
			}
		})
	}
	if err := c.Flush(b.Context()); err != nil || failed != nil {
		b.Fatal(err, failed)
	}
}

func cpuSeconds(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// BenchmarkRecover rebuilds the state of the rows from the changelog, on an empty disk.
func BenchmarkRecover(b *testing.B) {
	const partitions = 8
	br, err := broker.Start(b.Context(), broker.Options{Topics: map[string]int32{sourceTopic: partitions}})
	if err != nil {
		b.Fatal(err)
	}
	defer br.Close()
	settings := kafka.Settings{Brokers: br.Addrs()}
	rows := max(b.N, 1000)
	fillSource(b, settings, rows, rows, partitions)
	client, err := settings.Client()
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	ends, err := kafka.EndOffsets(b.Context(), client, sourceTopic)
	if err != nil {
		b.Fatal(err)
	}
	runUntil(b, settings, partitions, func(s PartitionStatus) bool { return s.Source == ends[s.Partition] })
	b.ResetTimer()
	took := runUntil(b, settings, partitions, func(s PartitionStatus) bool { return s.Running })
	b.StopTimer()
	b.ReportMetric(float64(rows)/took.Seconds(), "records/s")
	b.ReportMetric(took.Seconds(), "s")
}

// runUntil runs a processor on an empty disk until every partition is as asked, and
// reports how long that took.
func runUntil(b *testing.B, s kafka.Settings, partitions int, ready func(PartitionStatus) bool) time.Duration {
	b.Helper()
	p, err := New(Options{Table: ordersTable(), Kafka: s, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	began := time.Now()
	go func() { done <- p.Run(ctx) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for n := 0; n < partitions; {
		<-tick.C
		n = 0
		for _, s := range p.Status().Partitions {
			if ready(s) {
				n++
			}
		}
	}
	took := time.Since(began)
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	return took
}
