package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
	"github.com/tidemark/tidemark/tables"
)

const (
	tableRows       = 3000 // of each of many tables
	tablePartitions = 3
	tablesLoaded    = 100 // beside one table with the same events; fewer where only fewer are measured
	tablesRate      = 1000
	restSettle      = 20 * time.Second // after ready, before a process counts as at rest
	restWatched     = 30 * time.Second
)

// fleet is the tables of one process, each with a topic and a generator of its own.
type fleet struct {
	name   string
	rows   int // of each
	tables []*tables.Table
	events []*load.Generator
}

// newFleet declares n tables of so many rows.
func newFleet(name string, n, rows int) *fleet {
	f := &fleet{name: name, rows: rows}
	for i := range n {
		topic := name + ".public.t" + strconv.Itoa(i)
		t := load.Orders(topic)
		t.Name, t.Columns, t.SortKey = name+"_"+strconv.Itoa(i), t.Columns[:7], []string{"customer_id"}
		f.tables = append(f.tables, t)
		f.events = append(f.events, load.NewOrders(load.Options{Seed: uint64(i), Keys: rows, DeletePercent: 3}))
	}
	return f
}

// manyTables measures what a table costs beside others: small tables, as many as asked for, in
// one process of both roles.
func (b *bench) manyTables(ctx context.Context) error {
	sizes, err := wholeNumbers("-tables", b.tables, 1000)
	if err != nil {
		return err
	}
	var costs []cost
	for _, n := range sizes {
		c, err := b.cost(ctx, n)
		if err != nil {
			return fmt.Errorf("%d tables: %w", n, err)
		}
		costs = append(costs, c)
	}
	writeCosts(b.out, costs)
	return b.spread(ctx, min(tablesLoaded, sizes[len(sizes)-1]))
}

// spread compares events that go to many tables with as many that go to one of as many rows.
func (b *bench) spread(ctx context.Context, n int) error {
	var took [2]float64
	for i, f := range []*fleet{newFleet("one", 1, n*tableRows), newFleet("spread", n, tableRows)} {
		p, _, err := b.fleet(ctx, f)
		if err != nil {
			return err
		}
		if took[i], err = b.loaded(ctx, p, f); err != nil {
			return err
		}
		if _, err := p.stop(time.Now()); err != nil {
			return err
		}
	}
	fmt.Fprintf(b.out, "\n%d events/s for %s: %.1f %% of a core in one table, %.1f %% in %d tables, **%.2f x** (goal <= 1.3 x)\n",
		tablesRate, restWatched, took[0], took[1], n, took[1]/took[0])
	return nil
}

// loaded returns the percentage of a core that a process takes while events arrive, one table after the other.
func (b *bench) loaded(ctx context.Context, p *process, f *fleet) (float64, error) {
	if err := wait(ctx, restSettle); err != nil {
		return 0, err
	}
	c, err := b.producer()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	inner, stop := context.WithCancel(ctx)
	defer stop()
	go f.steady(inner, c)
	if err := wait(ctx, 5*time.Second); err != nil {
		return 0, err
	}
	return p.share(ctx, restWatched)
}

// cost measures a process of n tables: from an empty directory, at rest, and started again.
func (b *bench) cost(ctx context.Context, n int) (c cost, err error) {
	f := newFleet("cost"+strconv.Itoa(n), n, tableRows)
	p, empty, err := b.fleet(ctx, f)
	if err != nil {
		return c, err
	}
	if err := wait(ctx, restSettle); err != nil {
		return c, err
	}
	if c, err = p.atRest(ctx); err != nil {
		return c, err
	}
	c.tables, c.empty = n, empty
	if _, err := p.stop(time.Now()); err != nil {
		return c, err
	}
	if p, c.again, err = b.startFleet(ctx, f); err != nil {
		return c, err
	}
	u, err := p.usage(time.Now())
	if err != nil {
		return c, err
	}
	c.againCPU = u.cpu
	_, err = p.stop(time.Now())
	return c, errors.Join(err, os.RemoveAll(f.dir(b)))
}

func (f *fleet) dir(b *bench) string { return filepath.Join(b.dir, f.name) }

// fleet makes and fills the topics of tables, and starts a process on an empty directory.
func (b *bench) fleet(ctx context.Context, f *fleet) (*process, time.Duration, error) {
	if err := b.fillFleet(ctx, f); err != nil {
		return nil, 0, err
	}
	if err := os.Mkdir(f.dir(b), 0o700); err != nil {
		return nil, 0, err
	}
	return b.startFleet(ctx, f)
}

// startFleet starts a process and returns it when it is ready, with the time that this took.
func (b *bench) startFleet(ctx context.Context, f *fleet) (*process, time.Duration, error) {
	began := time.Now()
	p, err := b.tidemarkOf(ctx, f.tables, []string{"processor", "view"}, f.dir(b))
	if err != nil {
		return nil, 0, err
	}
	err = p.ready(ctx)
	took := time.Since(began)
	fmt.Fprintf(b.talk, "bench: %d tables are ready after %s\n", len(f.tables), took.Round(time.Millisecond))
	return p, took, err
}
