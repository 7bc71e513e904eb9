package damage

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/processors"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/store"
)

const (
	partitions = 8
	keys       = 1600
	patience   = 2 * time.Minute
	source     = "shop.orders"
	table      = "orders"
)

// world is a broker with a table, and the fold of what was written to its source.
type world struct {
	t        *testing.T
	settings kafka.Settings
	table    *tables.Table
	client   *kgo.Client
	fold     map[int]row
	next     [partitions]int64
}

type row struct{ A, B string }

func newWorld(t *testing.T) *world {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Dir: t.TempDir(), Unsynced: true, Topics: map[string]int32{source: partitions}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	text := tables.Type{Kind: tables.String}
	w := &world{t: t, settings: kafka.Settings{Brokers: b.Addrs()}, fold: map[int]row{}, table: &tables.Table{
		Name: table, Key: []string{"id"},
		Source: tables.Source{
			Topic: source, Format: tables.UpsertJSON, Partitioner: tables.PartitionMurmur2, Missing: tables.MissingKeep,
		},
		Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "a", Type: text}, {Name: "b", Type: text}},
		Batch:   tables.BatchPolicy{Schedule: tables.OnDemand, KeepLast: 3},
	}}
	if w.client, err = w.settings.Client(kgo.RecordPartitioner(kgo.ManualPartitioner())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.client.Close)
	return w
}

// change writes n events over random keys. Of partial ones most leave a column out, which
// keeps its value.
func (w *world) change(d *rand.Rand, n int, partial bool) {
	w.t.Helper()
	var recs []*kgo.Record
	for range n {
		id := d.IntN(keys)
		key := fmt.Appendf(nil, `{"id":%d}`, id)
		p, _ := kafka.PartitionOf(tables.PartitionMurmur2, key, partitions)
		value := fmt.Sprintf("%d-%060d", d.IntN(1000), id)
		rec := &kgo.Record{Topic: source, Partition: p, Key: key}
		was, there := w.fold[id]
		switch what := d.IntN(10); {
		case what == 0:
			delete(w.fold, id)
		case partial && there && what < 8:
			w.fold[id] = row{value, was.B}
			rec.Value = fmt.Appendf(nil, `{"id":%d,"a":%q}`, id, value)
		default:
			w.fold[id] = row{value, "b" + value}
			rec.Value = fmt.Appendf(nil, `{"id":%d,"a":%q,"b":%q}`, id, value, "b"+value)
		}
		w.next[p]++
		recs = append(recs, rec)
	}
	if err := w.client.ProduceSync(w.t.Context(), recs...).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) position() tables.Position { return append(tables.Position(nil), w.next[:]...) }

func (w *world) rows() map[int]row {
	out := map[int]row{}
	for id, r := range w.fold {
		out[id] = r
	}
	return out
}

func (w *world) batch(ctx context.Context) uint64 {
	w.t.Helper()
	id, err := batch.Request(ctx, w.settings, w.table, batch.TriggerDemand)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// process is a processor and a view, or a view alone, over one directory.
type process struct {
	w         *world
	dir       string
	processor *processors.Processor
	view      *views.View
	cancel    context.CancelFunc
	done      chan error
}

func logger() *slog.Logger {
	if os.Getenv("TIDEMARK_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, nil))
}

// start begins a process, as it would be begun over a directory that was left by another.
func (w *world) start(dir string) *process {
	w.t.Helper()
	p, err := processors.New(processors.Options{
		Table: w.table, Kafka: w.settings, Dir: filepath.Join(dir, "processor"), Logger: logger(),
		WriteBuffer: 64 << 10, // so that there are tables, too
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.run(&process{w: w, dir: dir, processor: p})
}

// view begins a process that only has a view.
func (w *world) view(dir string) *process {
	w.t.Helper()
	return w.run(&process{w: w, dir: dir})
}

func (w *world) run(p *process) *process {
	w.t.Helper()
	o := views.Options{Table: w.table, Kafka: w.settings, Dir: p.dir, Logger: logger(), PollEvery: 50 * time.Millisecond}
	if p.processor != nil {
		o.Disputed = p.processor.Doubt
	}
	v, err := views.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	p.view = v
	ctx, cancel := context.WithCancel(context.Background())
	parts := []func(context.Context) error{v.Run}
	if p.processor != nil {
		parts = append(parts, p.processor.Run)
	}
	p.cancel, p.done = cancel, make(chan error, len(parts))
	for _, f := range parts {
		go func() { p.done <- f(ctx) }()
	}
	w.t.Cleanup(p.stop)
	return p
}

func (p *process) stop() {
	if p.cancel == nil {
		return
	}
	p.cancel()
	p.cancel = nil
	for range cap(p.done) {
		if err := <-p.done; err != nil {
			p.w.t.Errorf("run: %v", err)
		}
	}
}

// kill copies the files while the process runs, which is what a kill leaves, and ends it.
// LevelDB may merge files meanwhile: what it removes is then not in the copy, which is one
// more damage.
func (p *process) kill(to string) {
	p.w.t.Helper()
	err := filepath.WalkDir(p.dir, func(path string, e os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(p.dir, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o750)
		}
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o640)
	})
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.stop()
	if err := os.RemoveAll(p.dir); err != nil {
		p.w.t.Fatal(err)
	}
}

// waitFor waits until the view of a process has everything.
func (w *world) waitFor(p *process) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	if err := p.view.WaitPosition(ctx, w.position()); err != nil {
		w.t.Fatalf("wait for %s: %v; the view is at %s, status %+v, processor %+v",
			w.position(), err, p.view.Snapshot().Position(), p.view.Status(), p.processor.Status())
	}
}

func (p *process) rows() map[int]row { return rowsOf(p.w.t, p.view.Snapshot()) }

func rowsOf(t *testing.T, s *store.Snapshot) map[int]row {
	t.Helper()
	out := map[int]row{}
	for id := range keys {
		if values, ok := s.Lookup(tables.EncodeKey(tables.Int64Value(int64(id))), nil); ok {
			out[id] = row{values[1].Str(), values[2].Str()}
		}
	}
	if int64(len(out)) != s.Rows() {
		t.Errorf("the snapshot says %d rows, %d were found", s.Rows(), len(out))
	}
	return out
}
