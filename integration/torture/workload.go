package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/kafkatest"
)

// workload writes events to the source topic until it is stopped.
type workload struct {
	plan  plan
	topic string
	dice  *rand.Rand
	plain *kgo.Client
	txn   *kgo.Client // in rounds with transactions
	seq   int64
	live  map[int64]bool

	mu    sync.Mutex
	acked []ack // by time
	fails int
	stats counts
}

// counts is what a round has met.
type counts struct{ Events, Committed, Aborted, Open int }

// ack is a record that readers may see from now on.
type ack struct {
	at        time.Time
	partition int32
	offset    int64
}

func newWorkload(p plan, addrs []string, topic string) (*workload, error) {
	w := &workload{plan: p, topic: topic, dice: rand.New(rand.NewPCG(p.seed, 2)), live: map[int64]bool{}}
	var err error
	w.plain, err = kgo.NewClient(kgo.SeedBrokers(addrs...), kgo.RecordPartitioner(w.partitioner()), kgo.RecordDeliveryTimeout(time.Minute))
	if err == nil && p.kind == transactions {
		w.txn, err = kgo.NewClient(kgo.SeedBrokers(addrs...), kgo.RecordPartitioner(w.partitioner()),
			kgo.TransactionalID(topic+"-producer"), kgo.TransactionTimeout(time.Minute))
	}
	return w, err
}

// partitioner places keys as the round's source does: Java's murmur2, or as the record says.
func (w *workload) partitioner() kgo.Partitioner {
	if w.plan.partitioner == "murmur2" {
		return kgo.StickyKeyPartitioner(nil)
	}
	return kgo.ManualPartitioner()
}

func (w *workload) close() {
	w.plain.Close()
	if w.txn != nil {
		w.txn.Close()
	}
}

// run produces at the round's rate, a few at a time; many at once when the brokers have been away, so that
// everybody has to catch up.
func (w *workload) run(ctx context.Context) {
	const tick = 20 * time.Millisecond
	t := time.NewTicker(tick)
	defer t.Stop()
	due, last := 0.0, time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		due += float64(w.plan.rate) * tick.Seconds()
		if late := time.Since(last); w.plan.kind == brokers && late > time.Second {
			due += float64(w.plan.rate) * min(late, 5*time.Second).Seconds()
		}
		last = time.Now()
		n := int(due)
		due -= float64(n)
		if n == 0 {
			continue
		}
		if w.txn != nil && w.dice.IntN(3) > 0 {
			w.transaction(ctx, n)
			continue
		}
		w.send(w.plain, w.records(n), true)
	}
}

// transaction writes some records that are committed, aborted, or left open for a while, in which
// others write behind them.
func (w *workload) transaction(ctx context.Context, n int) {
	if err := w.txn.BeginTransaction(); err != nil {
		w.failed()
		return
	}
	records := w.records(n)
	ok := w.send(w.txn, records, false)
	if w.dice.IntN(12) == 0 {
		w.count(func(c *counts) { c.Open++ })
		until := time.Now().Add(time.Duration(200+w.dice.IntN(2500)) * time.Millisecond)
		for time.Now().Before(until) && ctx.Err() == nil {
			w.send(w.plain, w.records(1+w.dice.IntN(5)), true)
		}
	}
	end, note := kgo.TryCommit, func(c *counts) { c.Committed++ }
	if w.dice.IntN(4) == 0 || !ok {
		end, note = kgo.TryAbort, func(c *counts) { c.Aborted++ }
	}
	limit, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var written []string
	if ok {
		written = append(written, w.topic)
	}
	if err := kafkatest.EndTransaction(limit, w.txn, end, written...); err != nil {
		w.failed()
		return
	}
	w.count(note)
	if end == kgo.TryCommit {
		w.noteAcks(records)
	}
}

// send waits for the acknowledgements. visible says that readers may see the records at once.
func (w *workload) send(c *kgo.Client, records []*kgo.Record, visible bool) bool {
	limit, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.ProduceSync(limit, records...).FirstErr(); err != nil {
		w.failed()
		return false
	}
	if visible {
		w.noteAcks(records)
	}
	return true
}

func (w *workload) noteAcks(records []*kgo.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	for _, r := range records {
		w.acked = append(w.acked, ack{now, r.Partition, r.Offset})
	}
}

func (w *workload) failed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fails++
}

func (w *workload) count(note func(*counts)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	note(&w.stats)
}

// newest returns some recent record that readers may see.
func (w *workload) newest() (ack, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.acked) == 0 {
		return ack{}, false
	}
	return w.acked[len(w.acked)-1], true
}

// records makes the next events.
func (w *workload) records(n int) []*kgo.Record {
	w.count(func(c *counts) { c.Events += n })
	var out []*kgo.Record
	for range n {
		w.seq++
		// Some keys change far more often than others.
		id := int64(w.dice.IntN(w.plan.keys))
		if w.dice.IntN(3) == 0 {
			id = int64(w.dice.IntN(10))
		}
		r := &row{ID: id, Seq: w.seq, S: []string{"a", "b", "c", hidden}[w.dice.IntN(4)]}
		if w.dice.IntN(4) > 0 {
			n := int64(w.dice.IntN(1000))
			r.N = &n
		}
		if w.dice.IntN(20) == 0 {
			pad := strings.Repeat("x", w.dice.IntN(20_000))
			r.Pad = &pad
		}
		if w.live[id] && w.dice.IntN(4) == 0 {
			w.live[id] = false
			out = append(out, w.record(r, true))
			continue
		}
		w.live[id] = true
		out = append(out, w.record(r, false))
	}
	return out
}

// record writes an event in the round's format.
func (w *workload) record(r *row, remove bool) *kgo.Record {
	key := []byte(fmt.Sprintf(`{"id":%d}`, r.ID))
	out := &kgo.Record{Topic: w.topic, Key: key}
	switch w.plan.partitioner {
	case "crc32":
		out.Partition = int32(crc32.ChecksumIEEE(key) % uint32(w.plan.partitions))
	case "any":
		out.Partition = w.dice.Int32N(w.plan.partitions)
	}
	switch {
	case w.plan.format == "debezium-json":
		out.Value = envelope(r, remove)
	case !remove:
		out.Value, _ = json.Marshal(r)
	}
	return out
}

func envelope(r *row, remove bool) []byte {
	now := time.Now()
	e := map[string]any{
		"before": nil, "after": r, "op": "u", "ts_ms": now.UnixMilli(),
		"source": map[string]any{
			"version": "3.7.0.Final", "connector": "postgresql", "name": "shop", "db": "shop", "schema": "public", "table": "t",
			"snapshot": "false", "lsn": r.Seq * 8, "txId": r.Seq, "ts_ms": now.UnixMilli(),
		},
	}
	if remove {
		e["op"], e["after"], e["before"] = "d", nil, map[string]any{"id": r.ID}
	}
	b, _ := json.Marshal(e)
	return b
}

// parse is what an event of the round says; independent of the product's decoders. Where records are copied
// by keys the record's own key is the product's: that of the row is in the event.
func (p plan) parse(r *kgo.Record) (key int64, out record, err error) {
	out = record{partition: r.Partition, offset: r.Offset}
	if p.format == "debezium-json" {
		var e struct {
			Before, After *row
			Source        struct{ Lsn int64 }
		}
		if err := json.Unmarshal(r.Value, &e); err != nil {
			return 0, out, err
		}
		out.row, out.lsn = e.After, e.Source.Lsn
		if e.After != nil {
			return e.After.ID, out, nil
		}
		return e.Before.ID, out, nil
	}
	var k struct{ ID int64 }
	if err := json.Unmarshal(r.Key, &k); err != nil {
		return 0, out, err
	}
	if r.Value != nil {
		out.row = &row{}
		err = json.Unmarshal(r.Value, out.row)
	}
	return k.ID, out, err
}
