package rollout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// Request is what a replay is asked to do. At most one of Time and Offsets is given;
// with neither it begins at the earliest record.
type Request struct {
	generations.Request
	// Restart gives up a replay that is under way; without it the request is refused.
	Restart bool
	// Declared takes the definition that the process itself was given, where another
	// one is read.
	Declared bool
}

// Refusal says why a table cannot be built anew as it was asked for.
type Refusal struct{ Detail, Hint string }

// Error implements error.
func (r *Refusal) Error() string { return r.Detail }

// Replay asks for the next generation, and returns its number. The error is a *Refusal when
// it cannot be.
func (c *Controller) Replay(ctx context.Context, r Request) (int, error) {
	for {
		state, _ := c.record.State()
		if !state.Known() || state.Record.Number == 0 || state.Newer != nil {
			return 0, errors.New("the record of the table's generations is not read yet")
		}
		if b := state.Record.Build; b != nil && b.Why == wire.BuildReplay && !r.Restart {
			return 0, &Refusal{
				Detail: fmt.Sprintf("generation %d is being built by a replay already, since %s", b.Table.Generation, b.Asked.Format(time.RFC3339)),
				Hint:   "wait for it, or give it up for a new one with restart",
			}
		}
		table := &state.Record.Current
		if b := state.Record.Build; b != nil {
			table = &b.Table
		}
		var by *wire.Maker
		if r.Declared {
			table, by = c.Declared(), generations.Self(c.o.Version)
		}
		if err := c.replayable(ctx, &state.Record.Current, table, r); err != nil {
			return 0, err
		}
		next := generations.Replay(state.Record, table, r.Request, by, time.Now().UTC())
		err := c.record.Propose(ctx, state, next)
		if errors.Is(err, generations.ErrLost) {
			continue
		}
		if err != nil {
			return 0, err
		}
		c.events.ReplayAsked(events.ReplayAsked{
			Generation: next.Build.Table.Generation, Rows: next.Build.Plan.Rows, Time: r.Time, Offsets: r.Offsets.String(),
		})
		return next.Build.Table.Generation, nil
	}
}

// replayable says why a replay cannot do what it is asked for, as far as that is known
// before it begins.
func (c *Controller) replayable(ctx context.Context, current, table *tables.Table, r Request) error {
	client, err := c.o.Parts.Pool.Client()
	if err != nil {
		return err
	}
	source, err := kafka.Describe(ctx, client, table.Source.Topic)
	if errors.Is(err, kafka.ErrNoSource) {
		return &Refusal{Detail: fmt.Sprintf("the source topic %s does not exist", table.Source.Topic), Hint: "start the connector, which makes it"}
	}
	if err != nil {
		return err
	}
	if len(r.Offsets) > int(source.Partitions) {
		return &Refusal{
			Detail: fmt.Sprintf("an offset is given for partition %d, and the source topic %s has %d", len(r.Offsets)-1, source.Name, source.Partitions),
			Hint:   "give one offset for each partition",
		}
	}
	return c.adoptable(ctx, source, current, table, r.Sweep)
}

// adoptable says why rows that the source no longer has could not be taken over.
func (c *Controller) adoptable(ctx context.Context, source kafka.Topic, current, table *tables.Table, sweep bool) error {
	if sweep {
		return nil
	}
	const hint = "add sweep: such rows are removed, and counted"
	if why := generations.Unadoptable(current, table); why != "" {
		return &Refusal{Detail: why + ": a row that the source no longer sends has no place in the new table", Hint: hint}
	}
	if table.Repartitioned() {
		return nil
	}
	client, err := c.o.Parts.Pool.Client()
	if err != nil {
		return err
	}
	changelog, err := kafka.Describe(ctx, client, c.o.Parts.Kafka.Names(current).Table)
	if errors.Is(err, kafka.ErrNoSource) {
		return nil // there are no rows
	}
	if err != nil {
		return err
	}
	if changelog.Partitions != source.Partitions {
		return &Refusal{
			Detail: fmt.Sprintf("the source topic %s has %d partitions and had %d: a row that it no longer sends has no place among them",
				source.Name, source.Partitions, changelog.Partitions),
			Hint: hint,
		}
	}
	return nil
}
