package replica

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/changelog"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/metrics"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// written is a writer over a replica that no topic feeds.
func written(t *testing.T, base tables.Position, source tables.Position, stored rows.Position) *writer {
	t.Helper()
	table := &tables.Table{
		Name: "t", Key: []string{"id"},
		Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: tables.Type{Kind: tables.String}}},
	}
	db, err := rows.Open(rows.Options{Dir: t.TempDir(), Identity: rows.Identity{Partitions: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	env := topics.Set{Source: kafka.Topic{Partitions: 1}, Changelog: kafka.Topic{Partitions: 1}}
	counters := metrics.NewCounters(table.Name)
	shared := &Shared{
		Table: table, Events: new(events.Listener).EnsureDefaults(), StoreOptions: func(of *tables.Table) store.Options { return store.Options{Table: of} }, Clock: time.Now,
		Counters: counters, Manifests: batches.New(0), Disputes: &batches.Disputes{}, OtherSchema: NewOtherSchema(), Ends: progress.NewEnds(time.Now()),
		Unreadable: func(e events.RecordUnreadable) { t.Error(e.Line()) }, Gate: NewGate(), View: &viewed{},
	}
	s, err := New(shared, env, 1, db, Origin{base: base, source: source, stored: []rows.Position{stored}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWriter(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// viewed is a view that sees one replica, or none.
type viewed struct{ s *Replica }

func (v *viewed) Sees(s *Replica) bool { return v.s == s }

func (v *viewed) Ready() bool { return v.s != nil }

func (v *viewed) Poll() {}

func (v *viewed) File(*Replica, batches.Filing) {}

func (v *viewed) Attach(*Replica, *Feed, *changelog.Reader) func() { return func() {} }

func (v *viewed) Deliverable(context.Context, string, int32, int64, int64) (bool, error) {
	return false, nil
}

func upsert(offset, source int64, text string) item {
	values := []tables.Value{tables.Int64Value(1), tables.StringValue(text)}
	return item{
		offset: offset, source: source, key: tables.EncodeKey(tables.Int64Value(1)), values: values,
		row: wire.AppendStateRow(nil, 0, &tables.Row{Values: values, Offset: source}),
	}
}

func (w *writer) wrote(t *testing.T, group []item, disk, memory string, at rows.Position) {
	t.Helper()
	if err := w.write(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	key := tables.EncodeKey(tables.Int64Value(1))
	row, _, err := w.s.Disk().Row(key)
	if err != nil || (disk == "") != (row == nil) || !bytes.Contains(row, []byte(disk)) {
		t.Errorf("row on disk %q, %v; want %q", row, err, disk)
	}
	values, ok := w.s.store.Snapshot().Lookup(key, nil)
	if ok != (memory != "") || ok && values[1].Str() != memory {
		t.Errorf("row in memory %v; want %q", values, memory)
	}
	got, _, err := w.s.Disk().Positions()
	if err != nil || got[0] != at {
		t.Errorf("position on disk %+v, %v; want %+v", got[0], err, at)
	}
}

// TestWriterLeavesRowsAloneThatAreAhead replays records that the rows on disk have
// behind them: a crash on the way must not leave older rows at a newer position.
func TestWriterLeavesRowsAloneThatAreAhead(t *testing.T) {
	stored := rows.Position{Changelog: 10, Source: 40}
	w := written(t, tables.Position{5}, tables.Position{30}, stored)
	b := rows.NewBatch()
	newest := upsert(9, 39, "newest")
	b.Put(0, newest.key, newest.row)
	b.Move(0, stored)
	if err := w.s.Disk().Write(b); err != nil {
		t.Fatal(err)
	}
	w.wrote(t, []item{upsert(5, 30, "first")}, "newest", "first", stored)
	w.wrote(t, []item{upsert(6, 33, "second")}, "newest", "second", stored)
	if got := w.s.place.At().Source.At(0); got != 34 {
		t.Errorf("source position %d, want 34: what is in memory counts", got)
	}
	w.wrote(t, []item{upsert(9, 39, "newest")}, "newest", "newest", stored)
	if got := w.s.place.At().Source.At(0); got != 40 {
		t.Errorf("source position %d, want 40: the rows on disk had come so far", got)
	}
	w.wrote(t, []item{upsert(10, 45, "later")}, "later", "later", rows.Position{Changelog: 11, Source: 46})
}

// TestWriterFillsRowsThatAreBehind has a batch that is newer than the rows on
// disk: what the store has already goes to disk only.
func TestWriterFillsRowsThatAreBehind(t *testing.T) {
	w := written(t, tables.Position{5}, tables.Position{30}, rows.Position{Changelog: 3, Source: 20})
	w.wrote(t, []item{upsert(3, 21, "older")}, "older", "", rows.Position{Changelog: 4, Source: 20})
	if got := w.s.place.At(); got.Source.At(0) != 30 || got.Changelog.At(0) != 5 {
		t.Errorf("place %+v, want it where the store is", got)
	}
	w.wrote(t, []item{upsert(5, 31, "newer")}, "newer", "newer", rows.Position{Changelog: 6, Source: 32})
}

// TestWriterLooksAtItsOwnGroup has a late record in the same group as the one
// that it is older than.
func TestWriterLooksAtItsOwnGroup(t *testing.T) {
	w := written(t, nil, nil, rows.Position{})
	w.wrote(t, []item{upsert(0, 10, "newer"), upsert(1, 5, "late"), upsert(2, 10, "newer")}, "newer", "newer",
		rows.Position{Changelog: 3, Source: 11})
}
