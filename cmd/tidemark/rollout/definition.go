package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
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
// a new generation when nobody has had it before and it takes nothing away from readers. Who
// runs on with a definition that others have replaced meanwhile must not ask for it again.
func (c *Controller) ask(ctx context.Context, s *generations.State) error {
	relation := generations.RelationOf(s.Record, c.Declared())
	if relation == generations.New && !c.asked && len(generations.Taken(s.Record, c.Declared())) == 0 {
		return c.define(ctx, s)
	}
	c.asked = true
	c.waits(c.notServed(s, relation))
	return nil
}

// define asks for a generation with the own definition, when its source is there.
func (c *Controller) define(ctx context.Context, s *generations.State) error {
	declared := c.Declared()
	_, err := c.record.Define(ctx, *s, declared, generations.Self(c.o.Version))
	if missing := new(generations.NoSourceError); errors.As(err, &missing) {
		c.waits(missing.Error())
		return nil
	}
	if err != nil {
		return err
	}
	c.schema.taken(slices.DeleteFunc(slices.Clone(declared.Columns), func(col tables.Column) bool { return s.Record.Current.ColumnIndex(col.Name) >= 0 }))
	c.events.DefinitionChanged(events.DefinitionChanged{Changes: generations.Changes(&s.Record.Current, c.Declared())})
	c.asked = true
	return generations.ErrLost // look again
}

// notServed says why the own definition is not the one that is served; empty where it is, or is
// being built.
func (c *Controller) notServed(s *generations.State, relation generations.Relation) string {
	if relation == generations.Served || relation == generations.Building {
		return ""
	}
	what := "start it with the newer configuration, or go back to this one with tidemark apply " + c.o.Table.Name
	if taken := generations.Taken(s.Record, c.Declared()); relation == generations.New && len(taken) > 0 {
		what = "it takes something away from readers (" + strings.Join(taken, "; ") +
			"), so the table continues as it is: tidemark apply " + c.o.Table.Name + " makes the change"
	}
	note := fmt.Sprintf("the configuration of this process has another definition of the table than the one that is served, which was made by %s: %s; %s",
		s.Record.By, generations.Changes(&s.Record.Current, c.Declared()), what)
	if last := s.Record.Last; last != nil && last.Failure != "" && last.Why == wire.BuildDefinition {
		note += "; the last build ended with: " + last.Failure
	}
	return note
}

// waits says why the own definition is not the one that is served; empty: it is.
func (c *Controller) waits(note string) {
	c.seen.setWaits(note)
	if c.seen.setNote(note) && note != "" {
		c.events.DefinitionOther(events.DefinitionOther{Note: note})
	}
}
