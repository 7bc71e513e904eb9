package seed

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidemark/tidemark/codecs/evolve"
	"github.com/tidemark/tidemark/tables"
)

// Rows says what becomes of the old generation's rows.
type Rows string

// What becomes of the rows of the old generation.
const (
	// Carry makes a row of each row of the old generation and reads the source on
	// from the old one's offset: the source is not read again. It takes the same
	// source, the same key, and columns that kept values or documents have.
	Carry Rows = "carry"
	// Adopt reads the source again from Start. When that is through, the rows that the
	// source has sent nothing of are taken over: their events are older than what it still has.
	Adopt Rows = "adopt"
	// Sweep reads the source again from Start, and leaves such rows out.
	Sweep Rows = "sweep"
)

// Start says where the source is read again from, with Adopt and Sweep. The zero value
// is the earliest record that the source still has.
type Start struct {
	// Time begins at the first record of each partition that is not older, by its timestamp.
	Time time.Time
	// Position begins at these offsets; partitions beyond its end begin at 0. What the
	// source no longer has is passed over. Only one of Time and Position may be set.
	Position tables.Position
}

// Plan says how a new generation of a table is filled. It must be the same in every
// process and after every restart, for as long as the generation is not live.
type Plan struct {
	// From is the definition of the generation that is there: its Generation says
	// which topics hold its rows.
	From *tables.Table
	Rows Rows
	// Start is ignored with Carry.
	Start Start
}

// Validate says what is wrong with the plan for a new generation with this definition.
func (p *Plan) Validate(to *tables.Table) error {
	var errs []error
	if p.From == nil {
		return errors.New("no old generation is given")
	}
	if p.From.Name != to.Name || p.From.Generation == to.Generation {
		errs = append(errs, fmt.Errorf("table %s, generation %d cannot be filled from %s, generation %d: it takes another generation of the same table",
			to.Name, to.Generation, p.From.Name, p.From.Generation))
	}
	if !slices.Contains([]Rows{Carry, Adopt, Sweep}, p.Rows) {
		errs = append(errs, fmt.Errorf("rows %q: want %s, %s or %s", p.Rows, Carry, Adopt, Sweep))
	}
	if !p.Start.Time.IsZero() && p.Start.Position != nil {
		errs = append(errs, errors.New("a start has a time or a position, not both"))
	}
	if err := errors.Join(errs...); err != nil || p.Rows != Carry {
		return err
	}
	if to.Repartitioned() {
		return &UnfitError{Table: to.Name, Why: "rows cannot be carried, for each generation places the source's records by their keys anew: fill it from its source"}
	}
	if d := evolve.Compare(p.From, to); d.Cost == evolve.CostRebuild {
		return &UnfitError{Table: to.Name, Why: "rows cannot be carried, for " + d.Reasons[0] + ": fill it from its source"}
	}
	return nil
}

// RowsFor returns what is to become of the rows when one definition follows another:
// they are carried where that can be; adopted where the same keys live in the same partitions;
// swept where they do not.
func RowsFor(from, to *tables.Table) Rows {
	if evolve.Compare(from, to).Cost != evolve.CostRebuild && !to.Repartitioned() {
		return Carry
	}
	return Rebuilt(from, to)
}

// Rebuilt is RowsFor when they are not to be carried.
func Rebuilt(from, to *tables.Table) Rows {
	sameHomes := from.Source.Partitioner == to.Source.Partitioner || to.Repartitioned()
	if SameKey(from, to) && sameHomes {
		return Adopt
	}
	return Sweep
}

// SameKey reports whether the keys of two tables are the same bytes for the same row.
func SameKey(a, b *tables.Table) bool {
	return slices.Equal(a.Key, b.Key) && slices.Equal(a.KeyTypes(), b.KeyTypes())
}
