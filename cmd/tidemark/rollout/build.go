package rollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/intake"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

const (
	// lookEvery is how often a build's progress is read.
	lookEvery = 500 * time.Millisecond
	// viewless is how long a process without views leaves it to others to see that
	// a build can be read.
	viewless = 10 * time.Second
)

// watchBuild follows the build, and makes it the current generation when all of its
// partitions are filled and it can be read.
func (c *Controller) watchBuild(ctx context.Context, s *generations.State) error {
	b := s.Record.Build
	if b == nil {
		c.seen.setBuilding(nil, seed.Progress{})
		c.filled = time.Time{}
		return nil
	}
	if time.Since(c.looked) < lookEvery {
		return nil
	}
	c.looked = time.Now()
	g := c.all[b.Table.Generation]
	progress, err := seed.ReadProgress(ctx, c.o.Parts.Kafka, g.table)
	if errors.Is(err, kafka.ErrNoSource) {
		err = nil // its topics are not made yet
	}
	c.seen.setBuilding(g, progress)
	if err != nil {
		return fmt.Errorf("read how far generation %d is: %w", b.Table.Generation, err)
	}
	switch why := cmp.Or(progress.Failed(), c.hopeless(ctx, g)); {
	case why != "":
		return c.giveUp(ctx, s, why)
	case !progress.Live():
		return nil
	}
	return c.complete(ctx, s, g, progress)
}

// hopeless says why the processor of this process cannot fill a build, and never will: its
// source is gone or another one, or is placed by another partitioner. Empty: nothing is
// known to keep it from that.
func (c *Controller) hopeless(ctx context.Context, g *Generation) string {
	if g.processor == nil {
		return ""
	}
	status := g.processor.Status()
	if t, is := refusedBy(status); is && t.Reason == tables.SourceRecreated || is && t.Reason == tables.SourceMissing && c.sourceGone(ctx, g) {
		return t.Text
	}
	refused := new(intake.PartitionerError)
	for _, p := range status.Partitions {
		if errors.As(p.Err, &refused) {
			return p.Err.Error()
		}
	}
	return ""
}

// sourceGone reports whether brokers say that a generation's source topic does not exist.
func (c *Controller) sourceGone(ctx context.Context, g *Generation) bool {
	client, err := c.o.Parts.Pool.Client()
	if err != nil {
		return false
	}
	_, err = kafka.Describe(ctx, client, g.table.Source.Topic)
	return errors.Is(err, kafka.ErrNoSource)
}

// giveUp ends a build that cannot continue. Rows that could not be carried over are made of the
// source instead.
func (c *Controller) giveUp(ctx context.Context, s *generations.State, why string) error {
	b, now := s.Record.Build, time.Now().UTC()
	c.events.GenerationGivenUp(events.GenerationGivenUp{Generation: b.Table.Generation, Reason: why})
	if b.Why == wire.BuildDefinition && b.Plan.Rows == string(seed.Carry) {
		return c.record.Propose(ctx, *s, generations.Rebuild(s.Record, why, now))
	}
	return c.record.Propose(ctx, *s, generations.GiveUp(s.Record, why, now))
}

// complete makes a build whose partitions are filled the current generation, once it can be read.
func (c *Controller) complete(ctx context.Context, s *generations.State, g *Generation, progress seed.Progress) error {
	if c.filled.IsZero() {
		c.filled = time.Now()
	}
	b, now, sum := s.Record.Build, time.Now().UTC(), progress.Sum()
	rows := sum.Carried + sum.Adopted
	switch {
	case g.view != nil:
		if !g.view.Ready() || !caughtUp(ctx, g) {
			return nil
		}
		rows, sum = g.view.Snapshot().Rows(), c.countedOnce(ctx, b, g, progress)
	case viewsElsewhere(s, c.record.ID()) || time.Since(c.filled) < viewless:
		return nil
	}
	c.events.GenerationComplete(events.GenerationComplete{
		Generation: b.Table.Generation, Rows: rows, Carried: sum.Carried, Adopted: sum.Adopted, Swept: sum.Swept, Took: now.Sub(b.Asked),
	})
	return c.record.Propose(ctx, *s, generations.Promote(s.Record, sum, rows, now))
}

func viewsElsewhere(s *generations.State, self string) bool {
	for _, m := range s.Fresh(self, time.Now()) {
		if m.Serves >= 0 {
			return true
		}
	}
	return false
}
