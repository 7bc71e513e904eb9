package rows

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/store"
)

// Rollup measures rollups, without the rest of Run.
func (b *Bench) Rollup(ctx context.Context) error {
	return b.run(ctx, []part{{"rollups", b.rollups}})
}

// rollups measures what reads of rollups take, of the world and of a table of a fifth of
// its size, and what a change costs that they are kept by.
func (b *Bench) rollups(ctx context.Context, w *world) error {
	small, err := newWorld(ctx, Table(), max(b.Rows/5, 10_000), b.Changes)
	if err != nil {
		return err
	}
	defer small.store.Close()
	fmt.Fprintf(b.Out, "\n### Rollups, in the server: the values of every answer read\n\n")
	fmt.Fprintln(b.Out, "| rollup | rows of the table | groups | read | p50 (goal 50 µs) | p99 | CPU | CPU to make it from the rows |\n|---|---|---|---|---|---|---|---|")
	var costs []cost
	for _, of := range []*world{small, w} {
		for _, k := range kinds() {
			b.say("rollup %s of %d rows", k.def.Name, of.rows)
			c, err := b.rollup(ctx, of, k)
			if err != nil {
				return fmt.Errorf("rollup %s: %w", k.def.Name, err)
			}
			costs = append(costs, c)
		}
	}
	fmt.Fprintf(b.Out, "\nWhat a change costs, in CPU; alone (a group of one), and among 100 that become visible together:\n\n")
	fmt.Fprintln(b.Out, "| rollup | rows of the table | alone | among 100 | to make the change visible at all, alone, among 100 |\n|---|---|---|---|---|")
	for _, c := range costs {
		fmt.Fprintf(b.Out, "| %s | %d | %s | %s | %s, %s |\n", c.name, c.rows, show(c.alone), show(c.many), show(c.base[0]), show(c.base[1]))
	}
	return nil
}

// kind is a rollup that is measured, and how it is read.
type kind struct {
	def tables.Rollup
	// read says what is asked; ask makes the query, of which a group's number is a part.
	read string
	ask  func(r *rand.Rand, groups int) *query.Query
}

func kinds() []kind {
	count := tables.Measure{Name: "n", Function: "count"}
	sum := tables.Measure{Name: "total", Function: "sum", Column: "total"}
	extremes := []tables.Measure{
		{Name: "least", Function: "min", Column: "total"}, {Name: "most", Function: "max", Column: "total"},
		{Name: "countries", Function: "count_distinct", Column: "country"},
	}
	whole := func(columns int) func(*rand.Rand, int) *query.Query {
		return func(*rand.Rand, int) *query.Query { return &query.Query{Select: all()[:columns], Limit: 100} }
	}
	one := func(columns int) func(*rand.Rand, int) *query.Query {
		return func(r *rand.Rand, groups int) *query.Query {
			return &query.Query{
				Select: all()[:columns], Limit: 100,
				Filter: query.Compare{Value: tables.Int64Value(r.Int64N(int64(groups)))},
			}
		}
	}
	return []kind{
		{tables.Rollup{Name: "by_status", GroupBy: []string{"status"}, Measures: []tables.Measure{count, sum}}, "all groups", whole(3)},
		{tables.Rollup{Name: "by_status_more", GroupBy: []string{"status"}, Measures: append([]tables.Measure{count, sum}, extremes...)}, "all groups", whole(6)},
		{tables.Rollup{Name: "by_customer", GroupBy: []string{"customer_id"}, Measures: []tables.Measure{count, sum}}, "one by a filter", one(3)},
		{tables.Rollup{Name: "by_customer_more", GroupBy: []string{"customer_id"}, Measures: append([]tables.Measure{count, sum}, extremes...)}, "one by a filter", one(6)},
	}
}

// cost is what a change costs.
type cost struct {
	name        string
	rows        int
	alone, many time.Duration
	base        [2]time.Duration
}

// rollup makes a rollup of the rows, changes some of them and reads it.
func (b *Bench) rollup(ctx context.Context, w *world, k kind) (c cost, err error) {
	l, err := rollup.NewLive(w.table, k.def, func(of *tables.Table) store.Options { return store.Options{Table: of, TwoBases: pacing.Begin} })
	if err != nil {
		return c, err
	}
	defer l.Close()
	began := cpu()
	snap := w.store.Snapshot()
	if err := l.Count(ctx, snap); err != nil {
		return c, err
	}
	if err := l.Publish(snap.Position()); err != nil {
		return c, err
	}
	took := cpu() - began
	l.Store().Close() // waits until the groups of the beginning lie as they will
	runtime.GC()
	l.Follow(tables.Position{w.next}, "", feedBytes)
	c = cost{name: k.def.Name, rows: w.rows}
	if c.alone, c.base[0], err = w.kept(l, 20_000, 1); err != nil {
		return c, err
	}
	if c.many, c.base[1], err = w.kept(l, 30_000, 100); err != nil {
		return c, err
	}
	groups := int(l.Store().Snapshot().Rows())
	const runs = 20_000
	spent := cpu()
	t, err := readRollup(l.Store(), k, groups, runs)
	if err != nil {
		return c, err
	}
	spent = (cpu() - spent) / runs
	fmt.Fprintf(b.Out, "| %s | %d | %d | %s | %s | %s | %s | %s |\n", k.def.Name, w.rows, groups, k.read, show(t.p50()), show(t.p99()), show(spent), show(took))
	return c, w.equal(ctx, l, k)
}

// kept makes n changes, some at a time, and keeps the rollup by them. It returns what a
// change takes in the rollup, and what the change itself does until it is visible.
func (w *world) kept(l *rollup.Live, n, some int) (kept, base time.Duration, err error) {
	var recorder changes.Recorder
	next, groups := make([]int64, some), make([][]changes.Change, 0, n/some)
	w.round++
	began := cpu()
	for range n / some {
		group := w.changes(some)
		for i := range group {
			next[i] = group[i].Offset + 1
		}
		recorder.Before(w.store.Snapshot(), group, next)
		if err := w.store.Apply(group, tables.Position{w.next}); err != nil {
			return 0, 0, err
		}
		groups = append(groups, recorder.After(w.store.Snapshot()))
	}
	base, began = cpu()-began, cpu()
	for _, g := range groups {
		for i := range g {
			l.Change(g[i].Old, g[i].New)
		}
		if err := l.Publish(tables.Position{w.next}); err != nil {
			return 0, 0, err
		}
	}
	return (cpu() - began) / time.Duration(n), base / time.Duration(n), nil
}

// readRollup asks for groups, and reads every value.
func readRollup(s *store.Store, k kind, groups, runs int) (times, error) {
	r := rand.New(rand.NewPCG(1, 2))
	out := make(times, 0, runs)
	values := make([]tables.Value, 0, 100)
	for range runs {
		q := k.ask(r, groups)
		began := time.Now()
		got, err := s.Snapshot().Query(context.Background(), q)
		if err != nil {
			return nil, err
		}
		values = values[:0]
		for row := range got.Len() {
			for col := range got.Outputs {
				values = append(values, got.Value(row, col))
			}
		}
		out = append(out, time.Since(began))
	}
	return out, nil
}

// equal compares the rollup with the query on the rows.
func (w *world) equal(ctx context.Context, l *rollup.Live, k kind) error {
	t := l.Store().Snapshot().Table()
	q := &query.Query{Limit: query.NoLimit, Select: []query.Output{{Column: w.table.ColumnIndex(k.def.GroupBy[0])}}}
	for _, m := range k.def.Measures {
		a, _ := query.ParseAggregate(m.Function)
		q.Select = append(q.Select, query.Output{Column: w.table.ColumnIndex(m.Column), Aggregate: a})
	}
	want, err := w.store.Snapshot().Query(ctx, q)
	if err != nil {
		return err
	}
	plain := &query.Query{Limit: query.NoLimit, Select: all()[:len(t.Columns)], Order: []query.Order{{Column: 0}}}
	got, err := l.Store().Snapshot().Query(ctx, plain)
	if err != nil {
		return err
	}
	if got.Len() != want.Len() {
		return fmt.Errorf("%d groups, and %d of the query", got.Len(), want.Len())
	}
	for row := range got.Len() {
		for col := range got.Outputs {
			if g, q := got.Value(row, col), want.Value(row, col); g != q {
				return fmt.Errorf("row %d, column %s: %v, and %v of the query", row, t.Columns[col].Name, g, q)
			}
		}
	}
	return nil
}
