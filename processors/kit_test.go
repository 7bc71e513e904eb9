package processors

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/integration/broker"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// patience bounds every wait of a test.
const patience = 30 * time.Second

// world is a broker with one table and the processors that work on it.
type world struct {
	t        *testing.T
	broker   *broker.Broker
	settings kafka.Settings
	table    *tables.Table
	parts    int32
	client   *kgo.Client
	names    kafka.Names
}

const sourceTopic = "shop.public.orders"

func newWorld(t *testing.T, partitions int32) *world {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{sourceTopic: partitions}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	w := &world{t: t, broker: b, settings: kafka.Settings{Brokers: b.Addrs()}, parts: partitions, table: ordersTable()}
	w.names = w.settings.Names(w.table.Name)
	w.client = w.newClient()
	return w
}

func (w *world) newClient(opts ...kgo.Opt) *kgo.Client {
	w.t.Helper()
	c, err := w.settings.Client(append(opts, kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Close)
	return c
}

func ordersTable() *tables.Table {
	return &tables.Table{
		Name: "orders", Key: []string{"id"},
		Source: tables.Source{
			Topic: sourceTopic, Format: tables.DebeziumJSON, Partitioner: tables.PartitionMurmur2, Placeholder: tables.DefaultPlaceholder,
		},
		Columns: []tables.Column{
			{Name: "id", Type: tables.Type{Kind: tables.Int64}},
			{Name: "v", Type: tables.Type{Kind: tables.String}},
			{Name: "big", Type: tables.Type{Kind: tables.String}},
		},
		Document: tables.DocumentDrop,
		Batch:    tables.BatchPolicy{Schedule: tables.OnDemand, KeepLast: 3},
	}
}

// instance is one running processor.
type instance struct {
	*Processor
	w      *world
	dir    string
	cancel context.CancelFunc
	done   chan error
	once   sync.Once
}

func (w *world) start(dir string, change ...func(*Options)) *instance {
	w.t.Helper()
	o := Options{Table: w.table, Kafka: w.settings, Dir: dir, Logger: testLogger(w.t), WatchEvery: 200 * time.Millisecond}
	for _, f := range change {
		f(&o)
	}
	p, err := New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	i := &instance{Processor: p, w: w, dir: dir, cancel: cancel, done: make(chan error, 1)}
	go func() { i.done <- p.Run(ctx) }()
	w.t.Cleanup(i.stop)
	return i
}

// stop ends the processor as SIGTERM does.
func (i *instance) stop() {
	i.once.Do(func() {
		i.cancel()
		select {
		case err := <-i.done:
			if err != nil {
				i.w.t.Errorf("run: %v", err)
			}
		case <-time.After(patience):
			i.w.t.Error("the processor does not stop")
		}
	})
}

func testLogger(t *testing.T) *slog.Logger {
	if os.Getenv("TIDEMARK_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !met() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		<-tick.C
	}
}

func keyJSON(id int) []byte { return []byte(`{"id":` + strconv.Itoa(id) + `}`) }

// home is the partition of a key, as Java's producer chooses it.
func (w *world) home(key []byte) int32 {
	p, _ := kafka.PartitionOf(tables.PartitionMurmur2, key, w.parts)
	return p
}

func rowJSON(op string, id int, v string, lsn int) []byte {
	after := fmt.Sprintf(`{"id":%d,"v":%q,"big":"b"}`, id, v)
	if op == "d" {
		after = "null"
	}
	return fmt.Appendf(nil, `{"before":null,"after":%s,"source":{"connector":"postgresql","snapshot":"false","lsn":%d,"ts_ms":%d},"op":%q,"ts_ms":1}`,
		after, lsn, 1_700_000_000_000+lsn, op)
}

func upsert(id int, v string) *kgo.Record {
	return &kgo.Record{Key: keyJSON(id), Value: rowJSON("u", id, v, 1)}
}
func remove(id int) *kgo.Record    { return &kgo.Record{Key: keyJSON(id), Value: rowJSON("d", id, "", 1)} }
func tombstone(id int) *kgo.Record { return &kgo.Record{Key: keyJSON(id)} }

// produce writes records to the source, each where its key belongs.
func (w *world) produce(recs ...*kgo.Record) {
	w.t.Helper()
	for _, r := range recs {
		r.Topic = sourceTopic
		if r.Key != nil {
			r.Partition = w.home(r.Key)
		}
	}
	w.produceRaw(recs...)
}

func (w *world) produceRaw(recs ...*kgo.Record) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	if err := w.client.ProduceSync(ctx, recs...).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

// read returns everything a topic holds now.
func (w *world) read(topic string) []*kgo.Record {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	c, err := w.settings.Client()
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close() // tests read often while they wait
	var out []*kgo.Record
	if err := readAll(ctx, c, topic, func(r *kgo.Record) { out = append(out, r) }); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// caughtUp waits until the processors have finished everything that the source holds.
func (w *world) caughtUp(all ...*instance) {
	w.t.Helper()
	ends, err := kafka.EndOffsets(w.t.Context(), w.client, sourceTopic)
	if err != nil {
		w.t.Fatal(err)
	}
	until(w.t, fmt.Sprintf("all of %v processed", ends), func() bool {
		reached := map[int32]int64{}
		for _, i := range all {
			for _, p := range i.Status().Partitions {
				reached[p.Partition] = max(reached[p.Partition], p.Source)
			}
		}
		for p, end := range ends {
			if reached[int32(p)] < end {
				return false
			}
		}
		return true
	})
}

// fold returns the column v of the rows that the changelog ends in.
func (w *world) changelog() map[int64]string {
	w.t.Helper()
	rows := map[string][]byte{}
	for _, r := range w.read(w.names.Table) {
		if r.Value == nil {
			delete(rows, string(r.Key))
		} else {
			rows[string(r.Key)] = r.Value
		}
	}
	return w.decode(rows)
}

func (w *world) decode(rows map[string][]byte) map[int64]string {
	w.t.Helper()
	out := map[int64]string{}
	for _, b := range rows {
		s, err := codecs.ParseStateRow(b)
		if err != nil {
			w.t.Fatal(err)
		}
		row, err := s.Row(nil)
		if err != nil {
			w.t.Fatal(err)
		}
		if !row.Hidden {
			out[row.Values[0].Int()] = row.Values[1].Str()
		}
	}
	return out
}

func same[K comparable](t *testing.T, what string, want, got map[K]string) {
	t.Helper()
	if maps.Equal(want, got) {
		return
	}
	n := 0
	for k, v := range want {
		if g, ok := got[k]; !ok || g != v {
			if n++; n <= 5 {
				t.Errorf("%s: %v is %q (there: %v), want %q", what, k, g, ok, v)
			}
		}
	}
	for k, g := range got {
		if _, ok := want[k]; !ok {
			if n++; n <= 5 {
				t.Errorf("%s: %v is %q, want none", what, k, g)
			}
		}
	}
	t.Fatalf("%s: %d rows differ; %d wanted, %d there", what, n, len(want), len(got))
}

// batch takes a batch and waits until it is complete.
func (w *world) batch() (uint64, []codecs.Manifest) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	id, err := RequestBatch(ctx, w.settings, w.table.Name, TriggerDemand)
	if err != nil {
		w.t.Fatal(err)
	}
	return id, w.manifests(id)
}

func (w *world) manifests(id uint64) []codecs.Manifest {
	w.t.Helper()
	var out []codecs.Manifest
	until(w.t, fmt.Sprintf("manifests of batch %d", id), func() bool {
		found := map[int32]codecs.Manifest{}
		for _, r := range w.read(w.names.Batches) {
			m, err := codecs.ParseManifest(r.Value)
			if err == nil && m.Batch == id {
				found[m.Partition] = m
			}
		}
		out = out[:0]
		for p := range w.parts {
			if m, ok := found[p]; ok {
				out = append(out, m)
			}
		}
		return len(out) == int(w.parts)
	})
	return out
}

// snapshot returns the rows of the snapshot topic, and checks that a batch's
// manifests tell their number and checksum.
func (w *world) snapshot(ms []codecs.Manifest) map[int64]string {
	w.t.Helper()
	rows := map[string][]byte{}
	for _, r := range w.read(w.names.Snapshot) {
		if r.Offset >= ms[r.Partition].Snapshot {
			continue
		}
		if r.Value == nil {
			delete(rows, string(r.Key))
			continue
		}
		_, row, err := codecs.ParseSnapshotRecord(r.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		rows[string(r.Key)] = row
	}
	var sum, wantSum uint64
	var wantRows int64
	for _, m := range ms {
		wantSum += m.Checksum
		wantRows += m.Rows
	}
	for k, b := range rows {
		s, err := codecs.ParseStateRow(b)
		if err != nil {
			w.t.Fatal(err)
		}
		sum += codecs.RowHash(tables.Key(k), s.ValueBytes)
	}
	if sum != wantSum || int64(len(rows)) != wantRows {
		w.t.Errorf("snapshot has %d rows and checksum %x, the manifests say %d and %x", len(rows), sum, wantRows, wantSum)
	}
	return w.decode(rows)
}

func stateOf(dir string, partition int32) string {
	return filepath.Join(dir, strconv.Itoa(int(partition)), stateDir)
}

// canonical is the key that a row has in the table.
func (w *world) canonical(id int) tables.Key { return tables.EncodeKey(tables.Int64Value(int64(id))) }

// failChangelog makes produces to the changelog fail, without effect.
func (w *world) failChangelog(n int) *kfake.FaultHandle {
	return w.broker.Faults().Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: w.names.Table, Err: kerr.PolicyViolation, Count: n,
	})
}

func partition(i *instance, p int32) PartitionStatus {
	for _, s := range i.Status().Partitions {
		if s.Partition == p {
			return s
		}
	}
	return PartitionStatus{}
}

func running(i *instance) map[int32]bool {
	out := map[int32]bool{}
	for _, s := range i.Status().Partitions {
		if s.Running {
			out[s.Partition] = true
		}
	}
	return out
}

func counter(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

func headers(r *kgo.Record) map[string]string {
	out := map[string]string{}
	for _, h := range r.Headers {
		out[h.Key] = string(h.Value)
	}
	return out
}

// longestGaps is, per partition, the longest time between two changelog records.
func (w *world) longestGaps() map[int32]time.Duration {
	last, out := map[int32]time.Time{}, map[int32]time.Duration{}
	for _, r := range w.read(w.names.Table) {
		if before, ok := last[r.Partition]; ok {
			out[r.Partition] = max(out[r.Partition], r.Timestamp.Sub(before))
		}
		last[r.Partition] = r.Timestamp
	}
	return out
}
