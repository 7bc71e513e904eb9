package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
)

// handOverTime bounds how long readers may be held at one state for the handing over.
const handOverTime = 2 * time.Second

// handOver lets readers see the current generation once it shows no less than the one
// that they see. That one is held still meanwhile, and stays so: nobody sees
// anything newer there than what the next one has.
func (c *Controller) handOver(ctx context.Context, s *generations.State) error {
	next, old := c.all[s.Record.Current.Generation], c.seen.current()
	if next == old {
		return nil
	}
	if next.view == nil {
		return c.serve(next)
	}
	if !next.view.Ready() || !caughtUp(ctx, next) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, handOverTime)
	defer cancel()
	if err := old.view.Freeze(ctx); err != nil {
		return fmt.Errorf("hold generation %d: %w", old.table.Generation, err)
	}
	if comparable(old, next) {
		if err := next.view.WaitPosition(ctx, old.view.Position(old.view.Snapshot())); err != nil {
			old.view.Thaw()
			return fmt.Errorf("generation %d is not as far as %d: %w", next.table.Generation, old.table.Generation, err)
		}
	}
	err := next.view.Introduce(ctx)
	if err == nil {
		err = c.serve(next)
	}
	if err != nil {
		old.view.Thaw()
		return err
	}
	c.events.GenerationShown(events.GenerationShown{
		Generation: next.table.Generation, Before: old.table.Generation, Rows: next.view.Snapshot().Rows(),
	})
	return nil
}

// comparable reports whether the positions of two generations are of one topic.
func comparable(old, next *Generation) bool {
	return old.table.Source.Topic == next.table.Source.Topic && !old.view.Status().Refused
}

// caughtUp reports whether a view has everything that its topics have now.
func caughtUp(ctx context.Context, g *Generation) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return g.view.CatchUp(ctx) == nil
}

// serve lets readers see a generation.
func (c *Controller) serve(g *Generation) error {
	old := c.seen.current()
	if old == g {
		return nil
	}
	old.metrics.Hide() // two of one name cannot be shown
	err := g.metrics.Show(c.o.Registerer)
	if err == nil && g.view != nil {
		if err = c.o.Show(g); err != nil {
			g.metrics.Hide()
		}
	}
	if err != nil {
		return errors.Join(err, old.metrics.Show(c.o.Registerer)) // it is still the one that is read
	}
	c.seen.serve(g)
	c.told = time.Time{}
	old.left = time.Now()
	old.replace()
	return nil
}

// tell lets the other processes know what this one uses, while that is of interest.
func (c *Controller) tell(ctx context.Context, s *generations.State) error {
	if !busy(s) || time.Since(c.told) < generations.Beat {
		return nil
	}
	m := wire.Member{Serves: -1}
	if g := c.seen.current(); g.view != nil {
		m.Serves = g.table.Generation
	}
	for n, g := range c.all {
		if g.runs() {
			m.Runs = append(m.Runs, n)
		}
	}
	slices.Sort(m.Runs)
	if err := c.record.Tell(ctx, &m); err != nil {
		return fmt.Errorf("notify the other processes: %w", err)
	}
	c.told = time.Now()
	return nil
}
