package checkup

import (
	"context"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/evolve"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/tables"
)

// Plan says what it takes to go from the definition of a table that is read to another one.
func Plan(ctx context.Context, s kafka.Settings, current, t *tables.Table) []Finding {
	d := evolve.Compare(current, t)
	return costOf(ctx, s, current, t, d, strings.Join(d.Reasons, "; "))
}

// cost says what a table's definition takes before its rows mean what it says, when it
// is another one than that of the rows that there are. It returns the generation that
// is read at present, too.
func cost(ctx context.Context, s kafka.Settings, t *tables.Table) (*tables.Table, []Finding) {
	state, err := generations.Read(ctx, s, t)
	if err != nil {
		return t, []Finding{{findings.Unreadable, Problem, t.Name, err.Error(), "check the rights of kafka.sasl.username: read on " + s.Names(t).Generations}}
	}
	l := state.Record
	if l.Number == 0 {
		return t, nil // it was never started
	}
	current := l.Current
	d := evolve.Compare(&current, t)
	changes := "the definition has changed: " + strings.Join(d.Reasons, "; ")
	taken := generations.Taken(l, t)
	switch generations.RelationOf(l, t) {
	case generations.Building:
		return &current, changed(t, fmt.Sprintf("%s; it is being built as generation %d", changes, l.Build.Table.Generation),
			"wait for it: GET /v1/tables/"+t.Name+" shows its progress")
	case generations.Earlier:
		return &current, changed(t, changes+"; it is an earlier definition, which another one has replaced",
			"start with the newer one, or go back to this one with tidemark apply "+t.Name)
	}
	found := costOf(ctx, s, &current, t, d, changes)
	if len(taken) > 0 && len(found) > 0 {
		found[0].Level = Problem
		found[0].What += fmt.Sprintf("; readers lose by it (%s), so the table continues with the definition that was made by %s", strings.Join(taken, "; "), l.By)
		found[0].Remedy = "tidemark apply " + t.Name + " makes the change, or take back what was changed in the file"
	}
	return &current, found
}

// changed is a note about a definition that is another one.
func changed(t *tables.Table, what, remedy string) []Finding {
	return []Finding{{findings.Changed, Note, t.Name, what, remedy}}
}

// costOf says what it takes to go from the definition that is read to another one.
func costOf(ctx context.Context, s kafka.Settings, current, t *tables.Table, d evolve.Difference, changes string) []Finding {
	switch d.Cost {
	case evolve.CostNone:
		return nil
	case evolve.CostView:
		return changed(t, changes, "nothing is to be done: views sort and index the rows that they have when they start; no topic is read again")
	case evolve.CostCarry:
		switch n, err := deadletter.Count(ctx, s, current); {
		case err != nil:
			return []Finding{{findings.Unreadable, Problem, t.Name, err.Error(), "check the rights of kafka.sasl.username: read on " + s.Names(current).Progress}}
		case n > 0:
			return rebuild(ctx, s, current, t, fmt.Sprintf("%s; %s to be tried by it", changes, Count(int(n), "dead letter")))
		}
		return changed(t, fmt.Sprintf("%s; %s to be made from those that there are, in a new generation beside the table",
			changes, rowsOf(ctx, s, current)), "nothing is to be done: the source is not read again, and the table can be read the whole time")
	}
	return rebuild(ctx, s, current, t, changes)
}

// rebuild says what is to be read of the source, and what it no longer has.
func rebuild(ctx context.Context, s kafka.Settings, current, t *tables.Table, changes string) []Finding {
	starts, ends, err := span(ctx, s, t.Source.Topic)
	if err != nil {
		return []Finding{{findings.Unreadable, Problem, t.Name, err.Error(), "check the rights of kafka.sasl.username: describe on the source topic"}}
	}
	events := int64(0)
	for p := range ends {
		events += ends[p] - starts[p]
	}
	out := []Finding{{
		findings.Changed, Note, t.Name, fmt.Sprintf("%s; the source is read again, about %d events from %s, into a new generation beside the table",
			changes, events, starts),
		"nothing is to be done: the table can be read the whole time, by its present definition until the new one has come as far",
	}}
	if why := generations.Unadoptable(current, t); why != "" {
		f := Finding{
			findings.RowsDropped, Note, t.Name, why + ": rows that the source no longer sends have no place in the new table, and go",
			"nothing is to be done where the source sends every row",
		}
		if gone(starts) {
			f.Level, f.What = Problem, f.What+fmt.Sprintf("; the topic no longer begins at its beginning (%s)", starts)
			f.Remedy = "take a new snapshot of the source first: it sends every row again"
		}
		return append(out, f)
	}
	if gone(starts) {
		what := fmt.Sprintf("the source topic %s no longer begins at its beginning (%s): rows that it no longer sends are taken over from the table as it is",
			t.Source.Topic, starts)
		if current.Document != tables.DocumentKeep {
			what += ", with nulls in new columns"
		}
		out = append(out, Finding{findings.RowsCarried, Note, t.Name, what, "take a new snapshot of the source first, if these rows matter"})
	}
	return out
}

func gone(starts tables.Position) bool {
	for _, at := range starts {
		if at > 0 {
			return true
		}
	}
	return false
}

func span(ctx context.Context, s kafka.Settings, topic string) (starts, ends tables.Position, err error) {
	client, err := s.Client()
	if err != nil {
		return nil, nil, err
	}
	defer client.Close()
	if starts, err = kafka.StartOffsets(ctx, client, topic); err != nil {
		return nil, nil, err
	}
	ends, err = kafka.EndOffsets(ctx, client, topic)
	return starts, ends, err
}

// rowsOf says how many rows a generation has: by its newest batch, else at most.
func rowsOf(ctx context.Context, s kafka.Settings, t *tables.Table) string {
	names := s.Names(t)
	newest := map[int32]wire.Manifest{}
	err := eachRecord(ctx, s, names.Batches, func(r *kgo.Record) error {
		if m, err := wire.ParseManifest(r.Value); err == nil && m.Batch >= newest[m.Partition].Batch {
			newest[m.Partition] = m
		}
		return nil
	})
	rows := int64(0)
	for _, m := range newest {
		rows += m.Rows
	}
	if err == nil && len(newest) > 0 && len(newest) == int(newest[0].Partitions) {
		return fmt.Sprintf("about %d rows are", rows)
	}
	starts, ends, err := span(ctx, s, names.Table)
	if err != nil {
		return "its rows are"
	}
	for p := range ends {
		rows += ends[p] - starts[p]
	}
	return fmt.Sprintf("at most %d rows are", rows)
}

// eachRecord calls fn with the records that a topic has now.
func eachRecord(ctx context.Context, s kafka.Settings, topic string, fn func(*kgo.Record) error) error {
	client, err := s.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, brokerPatience)
	defer cancel()
	return logread.All(ctx, client, topic, fn)
}
