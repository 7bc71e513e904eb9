package definitions

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/cmd/tidemark/schemacolumns"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
)

// Change is what the definition of a file changes of a table.
type Change struct {
	Table    *tables.Table // the new definition
	Relation generations.Relation
	By       *wire.Maker // who made the present definition
	Taken    []string    // what readers lose, a sentence each
	Effects  []string    // what changes and what it takes, a sentence each
	Build    int         // the generation that is being built with it, 0 when none is
}

// Wanted reports whether there is something to be asked for.
func (c *Change) Wanted() bool {
	return c.Relation == generations.New || c.Relation == generations.Earlier
}

// Find compares a definition with the one that its table is served by. It changes nothing.
func Find(ctx context.Context, s kafka.Settings, t *tables.Table) (Change, error) {
	state, err := generations.Read(ctx, s, t)
	if err != nil {
		return Change{}, fmt.Errorf("read the generations of table %s: %w", t.Name, err)
	}
	l := state.Record
	c := Change{Table: t, Relation: generations.Served, By: l.By}
	if l.Number == 0 {
		return c, nil // the first process that runs it makes its first generation
	}
	t = generations.Joined(l, t, nil)
	if err := schemacolumns.Whole(t); t.ColumnsFrom == tables.ColumnsSchema && err != nil {
		return Change{}, fmt.Errorf("table %s: %w", t.Name, err)
	}
	c.Table = t
	c.Relation = generations.RelationOf(l, t)
	if c.Relation == generations.Building {
		c.Build = l.Build.Table.Generation
	}
	if !c.Wanted() {
		return c, nil
	}
	c.Taken = generations.Taken(l, t)
	for _, f := range checkup.Plan(ctx, s, &l.Current, t) {
		c.Effects = append(c.Effects, f.What)
	}
	return c, nil
}

// Ask asks for a generation with the new definition, and returns its number. version is that
// of the program.
func (c *Change) Ask(ctx context.Context, s kafka.Settings, version string) (generation int, err error) {
	err = following(ctx, s, c.Table, func(ctx context.Context, l *generations.Log) error {
		for {
			state, err := l.Known(ctx)
			if err != nil {
				return err
			}
			next, err := l.Define(ctx, state, c.Table, generations.Self(version))
			if errors.Is(err, generations.ErrLost) {
				continue
			}
			if err == nil {
				generation = next.Build.Table.Generation
			}
			return err
		}
	})
	return generation, err
}

// following calls f with the table's record of generations, which is followed meanwhile.
func following(ctx context.Context, s kafka.Settings, t *tables.Table, f func(context.Context, *generations.Log) error) error {
	pool := logread.NewPool(s)
	defer pool.Close()
	l := generations.Open(s, pool, t, new(events.Listener).EnsureDefaults())
	inner, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = l.Follow(inner) // what keeps it from that is in its state
	}()
	err := f(ctx, l)
	stop()
	<-ended
	return err
}
