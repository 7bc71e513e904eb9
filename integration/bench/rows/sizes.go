package rows

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/tidemark/tidemark/views/store"
)

// aRestart is what a batch's file took.
type aRestart struct {
	wrote, read time.Duration
	perRow      float64 // bytes
}

// restarted writes the world's newest batch and begins a store with its file.
func restarted(ctx context.Context, w *world, dir string) (out aRestart, err error) {
	began := time.Now()
	path, err := store.WriteBatch(ctx, dir, w.batch)
	if err != nil {
		return out, err
	}
	out.wrote = time.Since(began)
	info, err := os.Stat(path)
	if err != nil {
		return out, err
	}
	out.perRow = float64(info.Size()) / float64(w.batch.Rows)
	began = time.Now()
	read, err := store.OpenBatch(ctx, dir, w.id, w.table)
	if err != nil {
		return out, err
	}
	s, err := store.New(store.Options{Table: w.table, TwoBases: pacing.Begin})
	if err != nil {
		return out, err
	}
	if err := s.Load(read); err != nil {
		return out, err
	}
	out.read = time.Since(began)
	if got := s.Snapshot().Rows(); got != w.store.Snapshot().Rows() {
		return out, fmt.Errorf("%d rows after a restart, %d before", got, w.store.Snapshot().Rows())
	}
	return out, nil
}

// Sizes measures narrow tables of growing size: what a row costs should stay the same.
func (b *Bench) Sizes(ctx context.Context, sizes []int) error {
	if err := b.validate(); err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "\n### Narrow rows (id, customer_id, total, created_at), %d changes in the delta\n\n", b.Changes)
	fmt.Fprintln(b.Out, "| rows | memory, bytes a row | load, rows/s | batch, ms per million | restart, ms per million"+
		" | filter without an index, ms per million | lookup p50 | page p50 |\n|---|---|---|---|---|---|---|---|")
	var all []aSize
	for _, n := range sizes {
		b.say("%d narrow rows", n)
		one, err := b.size(ctx, n)
		if err != nil {
			return fmt.Errorf("%d rows: %w", n, err)
		}
		fmt.Fprintf(b.Out, "| %d | %.1f | %.0f | %.1f | %.1f | %.2f | %s | %s |\n", n, one.memory, one.load, one.batch, one.restart, one.filter,
			show(one.lookup), show(one.page))
		all = append(all, one)
		debug.FreeOSMemory()
	}
	if b.Chart == "" {
		return nil
	}
	return os.WriteFile(b.Chart, chart(all), 0o644)
}

// aSize is what was measured of a table of one size.
type aSize struct {
	rows                   int
	memory                 float64 // bytes a row
	load                   float64 // rows a second
	batch, restart, filter float64 // milliseconds per million rows
	lookup, page           time.Duration
}

func (b *Bench) size(ctx context.Context, n int) (out aSize, err error) {
	began := time.Now()
	w, err := newWorld(ctx, Narrow(), n, b.Changes)
	if err != nil {
		return out, err
	}
	defer w.store.Close()
	out.rows, out.load = n, float64(n)/time.Since(began).Seconds()
	w.batch = nil
	runtime.GC()
	out.memory = float64(heap()) / float64(n)
	var p50 [3]time.Duration
	for i, q := range []question{questions()[2], questions()[0], questions()[1]} {
		ask := q.ask
		q.ask = narrowed(ask)
		t, err := w.measure(ctx, q, max(q.runs*1_000_000/n/10, 20))
		if err != nil {
			return out, err
		}
		p50[i] = t.p50()
	}
	out.lookup, out.page = p50[1], p50[2]
	began = time.Now()
	if err := w.seal(ctx); err != nil {
		return out, err
	}
	million := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 * 1e6 / float64(n) }
	out.batch, out.filter = million(time.Since(began)), million(p50[0])
	dir := filepath.Join(b.Dir, fmt.Sprintf("narrow%d", n))
	defer os.RemoveAll(dir)
	r, err := restarted(ctx, w, dir)
	out.restart = million(r.read)
	return out, err
}
