package processors

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/tables"
)

// patience bounds every wait of a test. A process that is killed while the group waits
// for it to join again costs the rebalance timeout of 20 s, and that may happen twice.
const patience = 90 * time.Second

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
	w.names = w.settings.Names(w.table)
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
	within(t, patience, what, met)
}

func within(t *testing.T, d time.Duration, what string, met func() bool) {
	t.Helper()
	deadline := time.Now().Add(d)
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

// idOf is the id in a canonical key of the tests' table.
func (w *world) idOf(key []byte) int {
	values, err := tables.DecodeKey(tables.Key(key), []tables.Type{{Kind: tables.Int64}})
	if err != nil {
		return -1
	}
	return int(values[0].Int())
}
