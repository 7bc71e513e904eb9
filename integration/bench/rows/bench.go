package rows

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Bench says what is measured and where the outcome goes.
type Bench struct {
	Rows    int // default 5,000,000
	Changes int // in the delta; default 37,000
	// Dir is for the files of the run; required.
	Dir string
	// Out gets the tables, in Markdown, Talk the progress. Required.
	Out, Talk io.Writer
	// Chart is the SVG file that Sizes draws its figures in; none when it is empty.
	Chart string
	// Round is how long one figure under load takes; default 10 s.
	Round time.Duration
	// HTTPRounds is how often bare handler and table take turns over HTTP; default 3.
	HTTPRounds int
}

// connections are how many clients there are at a time, over HTTP.
const connections = 32

func (b *Bench) validate() error {
	if b.Dir == "" || b.Out == nil || b.Talk == nil {
		return errors.New("a benchmark needs Dir, Out and Talk")
	}
	if b.Rows == 0 {
		b.Rows = 5_000_000
	}
	if b.Changes == 0 {
		b.Changes = 37_000
	}
	if b.HTTPRounds == 0 {
		b.HTTPRounds = 3
	}
	if b.Rows < 10_000 || b.Changes < 0 {
		return fmt.Errorf("%d rows and %d changes: at least 10,000 and 0 are wanted", b.Rows, b.Changes)
	}
	return nil
}

func (b *Bench) round() time.Duration {
	if b.Round > 0 {
		return b.Round
	}
	return 10 * time.Second
}

func (b *Bench) say(format string, args ...any) {
	fmt.Fprintf(b.Talk, "bench: store: "+format+"\n", args...)
}

// part is something that is measured on a loaded store.
type part struct {
	name string
	run  func(context.Context, *world) error
}

// Run measures everything but Sizes.
func (b *Bench) Run(ctx context.Context) error {
	return b.run(ctx, []part{{"in the server", b.quiet}, {"over HTTP", b.overHTTP}, {"while changes arrive", b.changing},
		{"during swaps", b.swaps}, {"restart", b.restart}, {"streams of changes", b.follow}, {"rollups", b.rollups}})
}

// Swap measures what Run does during swaps of batches, alone.
func (b *Bench) Swap(ctx context.Context) error {
	return b.run(ctx, []part{{"during swaps", b.swaps}, {"restart", b.restart}})
}

// HTTP measures what Run does over HTTP, alone.
func (b *Bench) HTTP(ctx context.Context) error {
	return b.run(ctx, []part{{"over HTTP", b.overHTTP}})
}

func (b *Bench) run(ctx context.Context, parts []part) error {
	if err := b.validate(); err != nil {
		return err
	}
	b.say("loading %d rows", b.Rows)
	w, err := newWorld(ctx, Table(), b.Rows, b.Changes)
	if err != nil {
		return err
	}
	defer w.store.Close()
	for _, p := range parts {
		b.say("%s", p.name)
		if err := p.run(ctx, w); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// quiet asks the questions while nothing else runs, and DuckDB the same ones.
func (b *Bench) quiet(ctx context.Context, w *world) error {
	csv := filepath.Join(b.Dir, "orders.csv")
	if err := w.writeCSV(ctx, csv); err != nil {
		return err
	}
	defer os.Remove(csv)
	b.say("asking DuckDB")
	duck, err := b.duckDB(ctx, w, csv)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "\n### Questions, in the server: %d rows, %d changes in the delta, DuckDB %s on the same rows in a plain table\n\n", b.Rows, b.Changes, duck.Version)
	fmt.Fprintln(b.Out, "| question | p50 | p99 | goal (p50) | DuckDB p50 | DuckDB / store | CPU | DuckDB CPU |\n|---|---|---|---|---|---|---|---|")
	var group, groupCPU time.Duration
	for i, q := range questions() {
		before := cpu()
		t, err := w.measure(ctx, q, q.runs)
		if err != nil {
			return err
		}
		spent := (cpu() - before) / time.Duration(len(t))
		if q.name == "count and sum by status, all rows" {
			group, groupCPU = t.p50(), spent
		}
		goal := "faster than DuckDB"
		if q.goal > 0 {
			goal = show(q.goal)
		}
		d := micros(duck.Each[i].P50)
		fmt.Fprintf(b.Out, "| %s | %s | %s | %s | %s | %.1f x | %s | %s |\n", q.name, show(t.p50()), show(t.p99()), goal, show(d),
			float64(d)/float64(max(t.p50(), 1)), show(spent), show(micros(duck.Each[i].CPU)))
	}
	loop, loopCPU := w.loop()
	fmt.Fprintf(b.Out, "\nCount and sum by status against a loop over plain arrays on one core: %s against %s, %.2f x; CPU %s against %s, %.2f x (goal 1.2 x).\n",
		show(group), show(loop), float64(group)/float64(loop), show(groupCPU), show(loopCPU), float64(groupCPU)/float64(loopCPU))
	return b.comparePostgres(ctx, w, csv)
}

// comparePostgres prints what PostgreSQL answers; overHTTP prints what the store does.
func (b *Bench) comparePostgres(ctx context.Context, w *world, csv string) error {
	b.say("asking PostgreSQL")
	perSecond, version, err := b.postgres(ctx, w, csv)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "\nPostgreSQL %s, `SELECT` by primary key, prepared, %d connections (pgbench): %.0f a second.\n", version, connections, perSecond)
	return nil
}

// show writes a time as people compare it.
func show(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%.1f µs", float64(d.Nanoseconds())/1e3)
	}
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1e3)
}
