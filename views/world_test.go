package views_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/tables"
)

const (
	patience   = 20 * time.Second
	sourceName = "shop.orders"
)

func orders() *tables.Table {
	return &tables.Table{
		Name:   "orders",
		Source: tables.Source{Topic: sourceName, Format: tables.DebeziumJSON},
		Key:    []string{"id"},
		Columns: []tables.Column{
			{Name: "id", Type: tables.Type{Kind: tables.Int64}},
			{Name: "status", Type: tables.Type{Kind: tables.String}},
			{Name: "total", Type: tables.Type{Kind: tables.Int64}},
		},
		SortKey: []string{"status"},
		Batch:   tables.BatchPolicy{Schedule: tables.OnDemand, KeepLast: 2},
	}
}

// world is a broker with a table's topics, and a hand that writes what processors
// would: it keeps the rows that a view must come to.
type world struct {
	t        testing.TB
	broker   *broker.Broker
	settings kafka.Settings
	table    *tables.Table
	names    kafka.Names
	client   *kgo.Client
	parts    []*part
	batch    uint64
	dir      string // of the broker
}

// part is one partition as its processor has it.
type part struct {
	source    int64 // next offset of the source topic
	changelog int64 // next offset of the changelog
	snapshot  int64
	rows      map[int64]row
	dirty     map[int64]bool
}

type row struct {
	status string
	total  int64
	offset int64
	hidden bool
}

func newWorld(t testing.TB, partitions int32) *world {
	t.Helper()
	return newWorldOf(t, partitions, orders())
}

func newWorldOf(t testing.TB, partitions int32, table *tables.Table) *world {
	t.Helper()
	w := &world{t: t, table: table, dir: t.TempDir()}
	b, err := broker.Start(t.Context(), broker.Options{Dir: w.dir, Unsynced: true, Topics: map[string]int32{sourceName: partitions}})
	if err != nil {
		t.Fatal(err)
	}
	w.broker = b
	t.Cleanup(func() { _ = w.broker.Close() })
	w.settings = kafka.Settings{Brokers: b.Addrs()}
	w.names = w.settings.Names(w.table)
	if _, err := kafka.Ensure(t.Context(), w.settings, w.table); err != nil {
		t.Fatal(err)
	}
	w.client = w.newClient()
	for range partitions {
		w.parts = append(w.parts, &part{rows: map[int64]row{}, dirty: map[int64]bool{}})
	}
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

// outage stops the broker, and returns what brings it back.
func (w *world) outage() (back func()) {
	w.t.Helper()
	if err := w.broker.Close(); err != nil {
		w.t.Fatal(err)
	}
	return func() {
		w.t.Helper()
		b, err := broker.Start(w.t.Context(), broker.Options{Dir: w.dir, Unsynced: true, Addr: w.settings.Brokers[0]})
		if err != nil {
			w.t.Fatal(err)
		}
		w.broker = b
	}
}

func (w *world) produce(recs ...*kgo.Record) []int64 {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	var out []int64
	for _, r := range w.client.ProduceSync(ctx, recs...) {
		if r.Err != nil {
			w.t.Fatal(r.Err)
		}
		out = append(out, r.Record.Offset)
	}
	return out
}

func key(id int64) tables.Key { return tables.EncodeKey(tables.Int64Value(id)) }

func (w *world) stateRow(id int64, r row) []byte {
	return wire.AppendStateRow(nil, wire.Fingerprint(w.table), &tables.Row{
		Values:   []tables.Value{tables.Int64Value(id), tables.StringValue(r.status), tables.Int64Value(r.total)},
		Document: fmt.Appendf(nil, `{"id":%d,"status":%q}`, id, r.status),
		Offset:   r.offset, Hidden: r.hidden,
		Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: uint64(1000 + r.offset)},
	})
}

func stamp(offset int64) []kgo.RecordHeader {
	return []kgo.RecordHeader{{Key: wire.StampName, Value: wire.AppendStamp(nil, wire.Stamp{Offset: offset, Generation: 1})}}
}

// event writes a source record and what a processor makes of it: a row, or its
// deletion when status is empty.
func (w *world) event(p int32, id int64, status string, total int64) {
	w.t.Helper()
	r := row{status: status, total: total, offset: w.sourceEvent(p)}
	w.fold(p, id, r)
}

// sourceEvent writes a source record alone and returns its offset.
func (w *world) sourceEvent(p int32) int64 {
	w.t.Helper()
	at := w.produce(&kgo.Record{Topic: sourceName, Partition: p, Value: []byte("{}")})
	return at[0]
}

// fold writes the changelog record of a row.
func (w *world) fold(p int32, id int64, r row) {
	w.t.Helper()
	part := w.parts[p]
	rec := &kgo.Record{Topic: w.names.Table, Partition: p, Key: []byte(key(id)), Headers: stamp(r.offset)}
	if r.status != "" {
		rec.Value = w.stateRow(id, r)
		part.rows[id] = r
	} else {
		delete(part.rows, id)
	}
	part.dirty[id] = true
	part.changelog = w.produce(rec)[0] + 1
	part.source = r.offset + 1
}

// changelogID is the header that says which changelog a record's offsets are of.
func (w *world) changelogID() []kgo.RecordHeader {
	w.t.Helper()
	found, err := kafka.Describe(w.t.Context(), w.client, w.names.Table)
	if err != nil {
		w.t.Fatal(err)
	}
	return []kgo.RecordHeader{{Key: wire.ChangelogIDName, Value: found.ID[:]}}
}

// tellProgress writes progress as of now.
func (w *world) tellProgress(p int32) {
	w.t.Helper()
	part := w.parts[p]
	w.produce(&kgo.Record{
		Topic: w.names.Progress, Key: wire.AppendProgressKey(nil, p),
		Value: wire.AppendProgress(nil, wire.Progress{
			Partition: p, Source: part.source, Changelog: part.changelog, Clock: time.Now().UnixMicro(),
			Position: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: uint64(999 + part.source)},
		}),
		Headers: w.changelogID(),
	})
}

// takeBatch emits a batch as of now and returns its id.
func (w *world) takeBatch() uint64 {
	w.t.Helper()
	w.batch++
	for p := range w.parts {
		m := w.emit(int32(p))
		w.produce(&kgo.Record{
			Topic: w.names.Batches, Key: wire.AppendManifestKey(nil, m.Batch, m.Partition), Value: wire.AppendManifest(nil, m),
			Headers: w.changelogID(),
		})
	}
	return w.batch
}

// emit writes a partition's share of a batch to the snapshot topic and returns its manifest.
func (w *world) emit(p int32) wire.Manifest {
	w.t.Helper()
	part := w.parts[p]
	m := wire.Manifest{
		Batch: w.batch, Partition: p, Partitions: int32(len(w.parts)), Source: part.source, Changelog: part.changelog,
		Started: time.Now().UnixMicro(), Fingerprint: wire.Fingerprint(w.table), Trigger: "demand",
	}
	for _, id := range slices.Sorted(maps.Keys(part.dirty)) {
		rec := &kgo.Record{Topic: w.names.Snapshot, Partition: p, Key: []byte(key(id))}
		if r, ok := part.rows[id]; ok && !r.hidden {
			rec.Value = wire.AppendSnapshotRecord(nil, w.batch, w.stateRow(id, r))
		}
		part.snapshot = w.produce(rec)[0] + 1
		m.Changed++
	}
	clear(part.dirty)
	for id, r := range part.rows {
		if r.hidden {
			continue
		}
		state, err := wire.ParseStateRow(w.stateRow(id, r))
		if err != nil {
			w.t.Fatal(err)
		}
		m.Rows++
		m.Checksum += wire.RowHash(key(id), state.ValueBytes)
	}
	m.Snapshot, m.Finished = part.snapshot, time.Now().UnixMicro()
	return m
}

// want returns the rows that a view must show.
func (w *world) want() map[int64]string {
	out := map[int64]string{}
	for _, p := range w.parts {
		for id, r := range p.rows {
			if !r.hidden {
				out[id] = fmt.Sprint(r.status, " ", r.total)
			}
		}
	}
	return out
}

// position returns the source position that a view must come to.
func (w *world) position() tables.Position {
	var out tables.Position
	for i, p := range w.parts {
		out = out.Set(int32(i), p.source)
	}
	return out
}

// random writes n random events over a small number of keys.
func (w *world) random(dice *rand.Rand, n int) {
	w.t.Helper()
	for range n {
		id := dice.Int64N(40)
		status := []string{"", "new", "paid", "sent", "kept"}[dice.IntN(5)]
		w.event(int32(id)%int32(len(w.parts)), id, status, dice.Int64N(1000))
	}
}
