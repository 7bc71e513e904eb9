package rollout

import (
	"context"
	"slices"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

const (
	// drainAfter is how long answers that have begun may continue with an old generation.
	drainAfter = 5 * time.Second
	// settle is how long processes have to say that they use an old generation
	// before it is taken that none does: a little more than they are remembered.
	settle = 20 * time.Second
)

// retire ends the generations that the record no longer asks for, and removes those
// that no process uses.
func (c *Controller) retire(ctx context.Context, s *generations.State) error {
	now := time.Now()
	for n, g := range c.all {
		if wanted(s, n) || g == c.seen.current() {
			continue
		}
		if now.Sub(g.left) >= drainAfter {
			g.endView()
		}
		if g.stopView == nil && (!retired(s, n) || !c.servedElsewhere(s, n)) {
			g.endProcessor()
		}
		if !g.runs() {
			delete(c.all, n)
			c.events.GenerationEnded(events.GenerationEnded{Generation: n})
			c.told, c.tidy = time.Time{}, false
		}
	}
	if err := c.removeFiles(s); err != nil {
		return err
	}
	return c.removeTopics(ctx, s)
}

// wanted reports whether the record asks for a generation.
func wanted(s *generations.State, n int) bool {
	return n == s.Record.Current.Generation || s.Record.Build != nil && n == s.Record.Build.Table.Generation
}

func retired(s *generations.State, n int) bool {
	return slices.ContainsFunc(s.Record.Retired, func(t tables.Table) bool { return t.Generation == n })
}

// servedElsewhere reports whether another process answers from a generation: it needs
// processors until it answers from the next one.
func (c *Controller) servedElsewhere(s *generations.State, n int) bool {
	for _, m := range s.Fresh(c.record.ID(), time.Now()) {
		if m.Serves == n {
			return true
		}
	}
	return false
}

// removeTopics deletes the topics of retired generations once nobody has used them for
// a while, and takes those out of the record.
func (c *Controller) removeTopics(ctx context.Context, s *generations.State) error {
	for i := range s.Record.Retired {
		t := &s.Record.Retired[i]
		if !c.unused(s, t.Generation) {
			continue
		}
		alone, err := kafka.Groupless(ctx, c.o.Parts.Kafka, t)
		if err != nil {
			return err
		}
		if !alone {
			continue
		}
		if err := kafka.Remove(ctx, c.o.Parts.Kafka, t); err != nil {
			return err
		}
		c.events.TopicsDeleted(events.TopicsDeleted{Generation: t.Generation})
		return c.record.Propose(ctx, *s, generations.Forget(s.Record, t.Generation))
	}
	return nil
}

// unused reports whether no process has used a generation for a while. The
// generation that a build or the current one is filled from is used.
func (c *Controller) unused(s *generations.State, n int) bool {
	now := time.Now()
	if c.all[n] != nil || now.Sub(s.Moved) < settle || now.Sub(c.begun) < settle {
		return false
	}
	if b := s.Record.Build; b != nil && b.Plan.From.Generation == n {
		return false
	}
	for _, m := range s.Fresh(c.record.ID(), now) {
		if m.Serves == n || slices.Contains(m.Runs, n) {
			return false
		}
	}
	return true
}
