package rollout

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	processorevents "github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/tables"
)

// New makes the table's first generation as it was declared, so that there is
// something to answer from, and a mistake in it is reported before anything runs.
func New(o Options) (*Controller, error) {
	c := &Controller{all: map[int]*Generation{}, said: map[string]string{}}
	o.Parts.ColumnsTold = func(e processorevents.ColumnsTold) { c.seen.tell(e.Columns) }
	c.o = o
	g, err := o.opening()
	if err != nil {
		return nil, err
	}
	if err := g.metrics.Show(o.Registerer); err != nil {
		return nil, err
	}
	c.seen.serve(g)
	c.seen.define(o.Table)
	if o.Table.ColumnsFrom == tables.ColumnsSchema {
		c.seen.define(g.table)
	}
	counters, err := newMetrics(o.Registerer, o.Table.Name, &c.seen)
	if err != nil {
		return nil, err
	}
	log := o.Logger.With("component", "generations", "table", o.Table.Name)
	c.events = events.Tee(counters.listener(), events.Log(log)).EnsureDefaults()
	c.schema = schemaReader{o: &c.o, events: c.events, seen: &c.seen}
	c.record = generations.Open(o.Parts.Kafka, o.Parts.Pool, o.Table, c.events)
	return c, newHealthMetrics(o.Registerer, o.Table.Name, c.Health)
}

// steady is how often the record and the parts are looked at, hasty while something
// is under way.
const (
	steady = time.Second
	hasty  = 100 * time.Millisecond
)

// Run keeps the generations as the record asks for until the context ends.
func (c *Controller) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.record.Follow(ctx) })
	g.Go(func() error {
		defer c.end()
		c.keep(ctx)
		return nil
	})
	return g.Wait()
}

func (c *Controller) keep(ctx context.Context) {
	c.begun = time.Now()
	for ctx.Err() == nil {
		state, changed := c.record.State()
		err := c.step(ctx, &state)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, generations.ErrLost) {
			continue
		}
		c.say("step", err)
		wait := steady
		if state.Record.Build != nil || len(state.Record.Retired) > 0 || err != nil {
			wait = hasty
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(wait):
		}
	}
}

// end stops all generations at once.
func (c *Controller) end() {
	var stopping sync.WaitGroup
	for _, g := range c.all {
		stopping.Go(g.stop)
	}
	stopping.Wait()
	if state, _ := c.record.State(); busy(&state) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = c.record.Tell(ctx, nil) // else it is forgotten by its age
	}
}

func busy(s *generations.State) bool {
	return s.Record.Build != nil || len(s.Record.Retired) > 0
}

// stepTime bounds what one step may wait for brokers.
const stepTime = 10 * time.Second

// step does what is due.
func (c *Controller) step(ctx context.Context, s *generations.State) error {
	if !s.Known() || s.Newer != nil {
		return c.wait(s)
	}
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	if s.Record.Number == 0 {
		first := c.schema.first(ctx)
		if first == nil {
			return nil
		}
		return c.record.Propose(ctx, *s, generations.First(first, generations.Self(c.o.Version)))
	}
	if c.join(s) {
		if err := c.ask(ctx, s); err != nil {
			return err
		}
	}
	c.keepRows(s.Record.Build != nil)
	if err := c.begin(ctx, s); err != nil {
		return err
	}
	if err := c.tell(ctx, s); err != nil {
		return err
	}
	if err := c.watchBuild(ctx, s); err != nil {
		return err
	}
	if err := c.handOver(ctx, s); err != nil {
		return err
	}
	return c.retire(ctx, s)
}

// say logs what keeps a step from being taken, once.
func (c *Controller) say(what string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if c.said[what] != text && text != "" {
		c.events.StepNotTaken(events.StepNotTaken{Err: err})
	}
	c.said[what] = text
}
