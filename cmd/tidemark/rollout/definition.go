package rollout

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/deadletter"
)

// wait says what the record of generations keeps the table from.
func (c *Controller) wait(s *generations.State) error {
	switch {
	case s.Newer != nil:
		c.seen.setNote(fmt.Sprintf("the record of the table's generations cannot be used: %v; run that version here too", s.Newer))
	case s.Err != nil:
		c.seen.setNote(s.Err.Error())
	default:
		c.seen.setNote("reading the record of the table's generations")
	}
	return nil
}

// ask compares the own definition with the record, once after the start, and asks for
// a new generation when nobody has had it before. Who runs on with a definition
// that others have replaced meanwhile must not ask for it again.
func (c *Controller) ask(ctx context.Context, s *generations.State) error {
	relation := generations.RelationOf(s.Record, c.o.Table)
	if relation == generations.New && !c.asked {
		newest := &s.Record.Current
		c.events.DefinitionChanged(events.DefinitionChanged{Changes: generations.Changes(newest, c.o.Table)})
		deadLetters, err := deadletter.Count(ctx, c.o.Parts.Kafka, newest)
		if err != nil {
			return fmt.Errorf("look for dead letters of generation %d: %w", newest.Generation, err)
		}
		if err := c.record.Propose(ctx, *s, generations.Ask(s.Record, c.o.Table, deadLetters > 0, time.Now().UTC())); err != nil {
			return err
		}
		c.asked = true
		return generations.ErrLost // look again
	}
	c.asked = true
	note, last := "", s.Record.Last
	if relation == generations.Earlier || relation == generations.New {
		note = "the configuration of this process has another definition of the table than the one that is served: " +
			generations.Changes(c.o.Table, &s.Record.Current) +
			"; start it with the newer configuration, or go back to this one with tidemark replay --declared"
	}
	if note != "" && last != nil && last.Failure != "" && last.Why == wire.BuildDefinition {
		note += "; the last build ended with: " + last.Failure
	}
	c.seen.setWaits(note)
	if c.seen.setNote(note) && note != "" {
		c.events.DefinitionOther(events.DefinitionOther{Note: note})
	}
	return nil
}
