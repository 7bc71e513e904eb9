package generations

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidemark/tidemark/codecs/evolve"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// earlierKept is how many definitions that were replaced are remembered.
const earlierKept = 64

// First is the record of a table that has none: its first generation has the
// definition that it was declared with.
func First(declared *tables.Table, by *wire.Maker) wire.GenerationRecord {
	return wire.GenerationRecord{Current: first(declared), By: by}
}

func first(t *tables.Table) tables.Table {
	out := *t
	out.Generation = 0
	return out
}

// Same reports whether the rows of one definition are those of the other.
func Same(a, b *tables.Table) bool {
	return evolve.Compare(a, b).Cost <= evolve.CostView
}

// Relation is how a process's own definition of a table relates to the record.
type Relation string

// How a definition can relate to the record.
const (
	Served   Relation = "served"   // it is what is read
	Building Relation = "building" // it is what is being built
	Earlier  Relation = "earlier"  // others have replaced it: whoever has it does not ask for it
	New      Relation = "new"      // nobody has had it
)

// RelationOf says how a definition relates to the record.
func RelationOf(l wire.GenerationRecord, declared *tables.Table) Relation {
	switch {
	case Same(&l.Current, declared):
		return Served
	case l.Build != nil && Same(&l.Build.Table, declared):
		return Building
	case slices.Contains(l.Earlier, wire.Digest(declared)):
		return Earlier
	}
	return New
}

// Ask returns the record that asks for a generation with a new definition. A build
// that is under way is given up for it. Where there are dead letters that nobody has
// dealt with, the source is read again: rows alone do not say what they hold.
func Ask(l wire.GenerationRecord, declared *tables.Table, deadLetters bool, by *wire.Maker) wire.GenerationRecord {
	now := by.At
	rows := seed.RowsFor(&l.Current, declared)
	if deadLetters && rows == seed.Carry {
		rows = seed.Rebuilt(&l.Current, declared)
	}
	if l.Build != nil {
		l = GiveUp(l, "another definition was asked for", now)
	}
	return build(l, declared, wire.Build{Why: wire.BuildDefinition, Asked: now, By: by, Plan: wire.BootstrapPlan{Rows: string(rows)}})
}

// Taken says what a definition takes away from readers of the table as it is, or as it is
// being built by a definition that somebody has asked for: a sentence each.
func Taken(l wire.GenerationRecord, declared *tables.Table) []string {
	taken := evolve.Compare(&l.Current, declared).Taken
	if l.Build == nil || l.Build.Why != wire.BuildDefinition {
		return taken
	}
	for _, what := range evolve.Compare(&l.Build.Table, declared).Taken {
		if !slices.Contains(taken, what) {
			taken = append(taken, what)
		}
	}
	return taken
}

// Unadoptable says why rows of one definition that the source says nothing of any more
// have no place among those of another; empty when they have.
func Unadoptable(from, to *tables.Table) string {
	switch {
	case !seed.SameKey(from, to):
		return "the key is another"
	case from.Source.Partitioner != to.Source.Partitioner && !to.Repartitioned():
		return "the partitioner is another"
	}
	return ""
}

// Rebuild returns the record that builds a definition from the source, after it could
// not be made from the rows that there are.
func Rebuild(l wire.GenerationRecord, why string, now time.Time) wire.GenerationRecord {
	declared, asked, by := l.Build.Table, l.Build.Asked, l.Build.By
	l = GiveUp(l, why, now)
	return build(l, &declared, wire.Build{Why: wire.BuildDefinition, Asked: asked, By: by, Plan: wire.BootstrapPlan{Rows: string(seed.Rebuilt(&l.Current, &declared))}})
}

// Request is what a replay is asked to do.
type Request struct {
	Time    time.Time
	Offsets tables.Position
	Sweep   bool
}

// Replay returns the record that asks for a generation which is filled from the source. by
// is who made its definition; nil where that is the one of the current generation.
func Replay(l wire.GenerationRecord, declared *tables.Table, r Request, by *wire.Maker, now time.Time) wire.GenerationRecord {
	rows := seed.Adopt
	if r.Sweep {
		rows = seed.Sweep
	}
	return build(l, declared, wire.Build{
		Why: wire.BuildReplay, Asked: now, By: by,
		Plan: wire.BootstrapPlan{Rows: string(rows), Time: r.Time, Offsets: r.Offsets},
	})
}

func build(l wire.GenerationRecord, declared *tables.Table, b wire.Build) wire.GenerationRecord {
	l.Highest = max(l.Highest, l.Current.Generation) + 1
	b.Table = *declared
	b.Table.Generation = l.Highest
	b.Plan.From = l.Current
	l.Earlier = without(l.Earlier, wire.Digest(declared)) // who asks for it again has it again
	l.Build = &b
	return l
}

// Promote returns the record with the generation that was built as the one to be read.
func Promote(l wire.GenerationRecord, counts wire.Bootstrap, rows int64, now time.Time) wire.GenerationRecord {
	b := l.Build
	l.Last = &wire.BuildOutcome{
		Generation: b.Table.Generation, Why: b.Why, Asked: b.Asked, Ended: now,
		Rows: rows, Adopted: counts.Adopted, Swept: counts.Swept,
	}
	if !seed.SameKey(&l.Current, &b.Table) {
		l.Last.Swept = 0 // no row of one table is that of the other
	}
	l.Retired = append(slices.Clone(l.Retired), l.Current)
	if !Same(&l.Current, &b.Table) {
		l.Earlier = replaced(l.Earlier, &l.Current)
	}
	if b.By != nil {
		l.By = b.By
	}
	plan := b.Plan
	l.Current, l.Plan, l.Build = b.Table, &plan, nil
	return l
}

// GiveUp returns the record without the build, which ended like this.
func GiveUp(l wire.GenerationRecord, why string, now time.Time) wire.GenerationRecord {
	b := l.Build
	l.Last = &wire.BuildOutcome{Generation: b.Table.Generation, Why: b.Why, Asked: b.Asked, Ended: now, Failure: why}
	l.Retired = append(slices.Clone(l.Retired), b.Table)
	if !Same(&l.Current, &b.Table) {
		l.Earlier = replaced(l.Earlier, &b.Table)
	}
	l.Build = nil
	return l
}

// Forget returns the record without a retired generation, whose topics are gone.
func Forget(l wire.GenerationRecord, generation int) wire.GenerationRecord {
	l.Retired = slices.DeleteFunc(slices.Clone(l.Retired), func(t tables.Table) bool { return t.Generation == generation })
	if l.Plan != nil && l.Plan.From.Generation == generation {
		l.Plan = nil
	}
	return l
}

func replaced(earlier []string, t *tables.Table) []string {
	d := wire.Digest(t)
	out := append(without(earlier, d), d)
	return out[max(0, len(out)-earlierKept):]
}

func without(digests []string, d string) []string {
	return slices.DeleteFunc(slices.Clone(digests), func(other string) bool { return other == d })
}

// Plan returns how a generation of the record is filled; nil when it is not.
func Plan(l wire.GenerationRecord, generation int) *seed.Plan {
	f := l.Plan
	if l.Build != nil && l.Build.Table.Generation == generation {
		f = &l.Build.Plan
	} else if l.Current.Generation != generation {
		return nil
	}
	if f == nil {
		return nil
	}
	from := f.From
	return &seed.Plan{From: &from, Rows: seed.Rows(f.Rows), Start: seed.Start{Time: f.Time, Position: f.Offsets}}
}

// Applied returns a generation's definition with what a process may declare for itself:
// how rows are sorted and indexed, and when batches are taken.
func Applied(recorded, declared *tables.Table) *tables.Table {
	out := *recorded
	if Same(recorded, declared) {
		out = *declared
		out.Generation = recorded.Generation
		return &out
	}
	out.Batch = declared.Batch
	return &out
}

// Changes says what lies between two definitions, in a sentence.
func Changes(from, to *tables.Table) string {
	d := evolve.Compare(from, to)
	if len(d.Reasons) == 0 {
		return "nothing changed"
	}
	return fmt.Sprintf("%s (%s)", strings.Join(d.Reasons, "; "), d.Cost)
}
