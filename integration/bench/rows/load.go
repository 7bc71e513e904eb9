package rows

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/tidemark/tidemark/views/store"
)

// changing asks the questions again while changes arrive.
func (b *Bench) changing(ctx context.Context, w *world) error {
	fmt.Fprintf(b.Out, "\n### The same while changes arrive (p99; goal 2 x the quiet one)\n\n")
	fmt.Fprintln(b.Out, "| question | quiet | 1,000 changes/s | 20,000 changes/s | ratios |\n|---|---|---|---|---|")
	for _, q := range questions() {
		var p99 [3]time.Duration
		for i, rate := range []int{0, 1_000, 20_000} {
			t, err := b.under(ctx, w, q, rate)
			if err != nil {
				return err
			}
			p99[i] = t.p99()
		}
		fmt.Fprintf(b.Out, "| %s | %s | %s | %s | %.1f, %.1f |\n", q.name, show(p99[0]), show(p99[1]), show(p99[2]),
			float64(p99[1])/float64(p99[0]), float64(p99[2])/float64(p99[0]))
		// The delta of the next question is that of a batch before, too.
		if err := w.seal(ctx); err != nil {
			return err
		}
		if err := w.change(b.Changes); err != nil {
			return err
		}
	}
	return nil
}

// under asks one question for a part of a round while changes arrive.
func (b *Bench) under(ctx context.Context, w *world, q question, rate int) (times, error) {
	ctx, stop := context.WithTimeout(ctx, b.round()/4)
	defer stop()
	var writer sync.WaitGroup
	var fault error
	if rate > 0 {
		writer.Go(func() { _, fault = w.writing(ctx, rate) })
	}
	t, err := w.measure(ctx, q, 1<<20)
	writer.Wait()
	if err == nil {
		err = fault
	}
	return t, err
}

// swaps takes batches while short and long questions are asked and 1,000 changes a
// second arrive, and watches the memory.
func (b *Bench) swaps(ctx context.Context, w *world) error {
	const batches = 5
	short, long := questions()[1], questions()[6]
	quietShort, err := b.under(ctx, w, short, 1_000)
	if err != nil {
		return err
	}
	quietLong, err := b.under(ctx, w, long, 1_000)
	if err != nil {
		return err
	}
	w.batch = nil // which would keep its base
	runtime.GC()
	rest := heap()
	shorts, longs, longest, peak := times(nil), times(nil), time.Duration(0), int64(0)
	var took times
	for n := range batches * 2 {
		if err := w.change(b.Changes); err != nil {
			return err
		}
		ask, into := short, &shorts
		if n%2 == 1 {
			ask, into = long, &longs
		}
		s, err := w.swap(ctx, ask)
		if err != nil {
			return err
		}
		*into = append(*into, s.answers...)
		took, longest, peak = append(took, s.took), max(longest, s.writer), max(peak, s.peak)
	}
	raw := float64(w.raw)
	runtime.GC()
	fmt.Fprintf(b.Out, "\n### A batch swap: %d rows, %d changes, 1,000 more a second meanwhile\n\n| what | measured | goal |\n|---|---|---|\n", b.Rows, b.Changes)
	fmt.Fprintf(b.Out, "| the batch, in the background | %s | |\n", show(took.p50()))
	fmt.Fprintf(b.Out, "| %s: p99 quiet, in swaps | %s, %s: %.1f x | 2 x |\n", short.name, show(quietShort.p99()), show(shorts.p99()), ratio(shorts, quietShort))
	fmt.Fprintf(b.Out, "| %s: p99 quiet, in swaps | %s, %s: %.1f x | 2 x |\n", long.name, show(quietLong.p99()), show(longs.p99()), ratio(longs, quietLong))
	fmt.Fprintf(b.Out, "| longest answer of the short question, quiet, in swaps | %s, %s | 20 ms |\n| longest wait of the writer | %s | 20 ms |\n",
		show(quietShort.at(1000)), show(shorts.at(1000)), show(longest))
	fmt.Fprintf(b.Out, "| raw bytes of the columns | %.0f MB | |\n", raw/1e6)
	fmt.Fprintf(b.Out, "| memory at rest, all of the process's heap | %.0f MB, %.2f x raw | 1.3 x |\n", float64(rest)/1e6, float64(rest)/raw)
	fmt.Fprintf(b.Out, "| the store's own count of it | %.0f MB, %.2f x raw | |\n", float64(w.store.Memory().Total())/1e6, float64(w.store.Memory().Total())/raw)
	fmt.Fprintf(b.Out, "| peak in a swap, garbage included | %.0f MB, %.2f x raw | 1.6 x |\n", float64(peak)/1e6, float64(peak)/raw)
	return nil
}

func ratio(a, b times) float64 { return float64(a.p99()) / float64(max(b.p99(), 1)) }

// aSwap is what was seen while a batch was taken.
type aSwap struct {
	answers times
	took    time.Duration
	writer  time.Duration // its longest call
	peak    int64         // of the heap
}

// swap takes a batch while a question is asked again and again.
func (w *world) swap(ctx context.Context, q question) (out aSwap, err error) {
	during, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	var faults [2]error
	all.Go(func() { out.answers, faults[0] = w.measure(during, q, 1<<20) })
	all.Go(func() {
		watch := time.NewTicker(2 * time.Millisecond)
		defer watch.Stop()
		for during.Err() == nil {
			out.peak = max(out.peak, heap())
			<-watch.C
		}
	})
	cut := w.next
	all.Go(func() { out.writer, faults[1] = w.writing(during, 1_000) })
	began := time.Now()
	w.id++
	_, err = w.store.Seal(ctx, store.Cut{Batch: w.id, Changelog: []int64{cut}, Unproven: true})
	out.took = time.Since(began)
	stop()
	all.Wait()
	for _, f := range faults {
		if err == nil {
			err = f
		}
	}
	return out, err
}

// heap is the bytes of all objects that are not collected yet.
func heap() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// restart writes a batch, reads it again and makes the changes behind it.
func (b *Bench) restart(ctx context.Context, w *world) error {
	if err := w.seal(ctx); err != nil {
		return err
	}
	dir := filepath.Join(b.Dir, "batches")
	s, err := restarted(ctx, w, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "\n### Restart: a batch of %d rows\n\n| what | measured | goal |\n|---|---|---|\n", b.Rows)
	fmt.Fprintf(b.Out, "| the file is written | %s, %.0f bytes a row | |\n", show(s.wrote), s.perRow)
	fmt.Fprintf(b.Out, "| until rows are answered | %s | 5,000 ms |\n", show(s.read))
	return nil
}
