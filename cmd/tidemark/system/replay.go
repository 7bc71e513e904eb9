package system

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
)

func (l *lineage) noted() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.note
}

// Generation implements live.Generations.
func (l *lineage) Generation() live.Generation {
	state, _ := l.record.State()
	l.mu.Lock()
	served, building, progress := l.served, l.building, l.progress
	l.mu.Unlock()
	out := live.Generation{Number: served.table.Generation}
	if last := state.Lineage.Last; last != nil {
		out.Last = &live.Outcome{
			Generation: last.Generation, Why: last.Why, Started: last.Asked, Ended: last.Ended,
			Rows: last.Rows, Adopted: last.Adopted, Swept: last.Swept, Failure: last.Failure,
		}
	}
	b := state.Lineage.Build
	if b == nil {
		return out
	}
	sum := progress.Sum()
	out.Build = &live.Build{Generation: b.Table.Generation, Why: b.Why, Started: b.Asked, Phase: phase(sum)}
	out.Build.Done, out.Build.Total = seedRecords(sum)
	if building == nil || building.table.Generation != b.Table.Generation {
		return out
	}
	out.Build.Note = building.trouble()
	if sum.Live() && building.view != nil {
		status := building.view.Status()
		out.Build.Phase, out.Build.Done, out.Build.Total = "reading", status.Done, status.Total
		if out.Build.Note == "" {
			out.Build.Note = status.Note
		}
	}
	return out
}

func phase(s wire.Bootstrap) string {
	if s.Phase == 0 {
		return "starting"
	}
	return s.Phase.String()
}

// Replay implements live.Generations.
func (l *lineage) Replay(ctx context.Context, r live.Replay) (int, error) {
	for {
		state, _ := l.record.State()
		if !state.Known() || state.Lineage.Number == 0 || state.Newer != nil {
			return 0, errors.New("the record of the table's generations is not read yet")
		}
		if b := state.Lineage.Build; b != nil && b.Why == wire.BuildReplay && !r.Restart {
			return 0, &live.Conflict{
				Detail: fmt.Sprintf("generation %d is being built by a replay already, since %s", b.Table.Generation, b.Asked.Format(time.RFC3339)),
				Hint:   "wait for it, or give it up for a new one with restart",
			}
		}
		table := &state.Lineage.Current
		if b := state.Lineage.Build; b != nil {
			table = &b.Table
		}
		if r.Declared {
			table = l.declared
		}
		if err := l.replayable(ctx, &state.Lineage.Current, table, r); err != nil {
			return 0, err
		}
		next := generations.Replay(state.Lineage, table, generations.Request{Time: r.Time, Offsets: r.Offsets, Sweep: r.Sweep}, time.Now().UTC())
		err := l.record.Propose(ctx, state, next)
		if errors.Is(err, generations.ErrLost) {
			continue
		}
		if err != nil {
			return 0, err
		}
		l.log.Info("replay was asked for", "generation", next.Build.Table.Generation, "rows", next.Build.Filling.Rows,
			"time", r.Time, "offsets", r.Offsets.String())
		return next.Build.Table.Generation, nil
	}
}

// replayable says why a replay cannot do what it is asked for, as far as that is known
// before it begins.
func (l *lineage) replayable(ctx context.Context, current, table *tables.Table, r live.Replay) error {
	client, err := l.settings.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	source, err := kafka.Describe(ctx, client, table.Source.Topic)
	if errors.Is(err, kafka.ErrNoSource) {
		return &live.Conflict{Detail: fmt.Sprintf("the source topic %s does not exist", table.Source.Topic), Hint: "start the connector, which makes it"}
	}
	if err != nil {
		return err
	}
	if len(r.Offsets) > int(source.Partitions) {
		return &live.Conflict{
			Detail: fmt.Sprintf("an offset is given for partition %d, and the source topic %s has %d", len(r.Offsets)-1, source.Name, source.Partitions),
			Hint:   "give one offset for each partition",
		}
	}
	return l.adoptable(ctx, source, current, table, r.Sweep)
}

// adoptable says why rows that the source no longer has could not be taken over.
func (l *lineage) adoptable(ctx context.Context, source kafka.Topic, current, table *tables.Table, sweep bool) error {
	if sweep {
		return nil
	}
	const hint = "add sweep: such rows are removed, and counted"
	if why := generations.Unadoptable(current, table); why != "" {
		return &live.Conflict{Detail: why + ": a row that the source no longer tells of has no place in the new table", Hint: hint}
	}
	if table.Rekeyed() {
		return nil
	}
	client, err := l.settings.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	changelog, err := kafka.Describe(ctx, client, l.settings.Names(current).Table)
	if errors.Is(err, kafka.ErrNoSource) {
		return nil // there are no rows
	}
	if err != nil {
		return err
	}
	if changelog.Partitions != source.Partitions {
		return &live.Conflict{
			Detail: fmt.Sprintf("the source topic %s has %d partitions and had %d: a row that it no longer tells of has no place among them",
				source.Name, source.Partitions, changelog.Partitions),
			Hint: hint,
		}
	}
	return nil
}
