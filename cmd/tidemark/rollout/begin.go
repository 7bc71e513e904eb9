package rollout

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/tables"
)

// begin makes the generations run that the record names.
func (c *Controller) begin(ctx context.Context, s *generations.State) error {
	wanted := []*tables.Table{&s.Record.Current}
	if b := s.Record.Build; b != nil {
		wanted = append(wanted, &b.Table)
	}
	for i, t := range wanted {
		if c.all[t.Generation] != nil {
			continue
		}
		g, err := c.open(s, t, i > 0)
		if err != nil {
			return fmt.Errorf("generation %d: %w", t.Generation, err)
		}
		c.all[t.Generation] = g
		c.keepRows(s.Record.Build != nil)
		c.events.GenerationBegun(events.GenerationBegun{Generation: t.Generation, Build: i > 0})
		g.start(context.WithoutCancel(ctx))
	}
	first := c.all[s.Record.Current.Generation]
	if c.seen.current().runs() || c.seen.current() == first {
		return nil
	}
	return c.serve(first) // what was there before the record was read
}

// keepRows keeps processors from giving rows up while a generation is filled.
func (c *Controller) keepRows(yes bool) {
	for _, g := range c.all {
		if g.processor != nil {
			g.processor.KeepRows(yes)
		}
	}
}

// open makes a generation; the one that was made before the record was read, when it
// is the same.
func (c *Controller) open(s *generations.State, t *tables.Table, building bool) (*Generation, error) {
	applied := generations.Applied(t, c.Declared())
	plan := generations.Plan(s.Record, t.Generation)
	if g := c.seen.current(); !building && plan == nil && t.Generation == 0 && g.table == c.o.Table && generations.Same(t, c.o.Table) && !c.has(g) {
		return g, nil
	}
	return c.o.Parts.make(applied, plan, building)
}

// has reports whether a generation runs already.
func (c *Controller) has(g *Generation) bool {
	for _, other := range c.all {
		if other == g {
			return true
		}
	}
	return false
}
