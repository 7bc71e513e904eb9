package rollout

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// Status is which generation is read, what is built beside it, and how the last build ended.
type Status struct {
	Served int
	Build  *Build
	Last   *wire.BuildOutcome
}

// Build is a generation that is being built.
type Build struct {
	*wire.Build
	Phase       string
	Done, Total int64  // records read of those that there are to be read
	Note        string // what it waits for; may be empty
}

// Status returns what is known of the table's generations.
func (c *Controller) Status() Status {
	state, _ := c.record.State()
	building, progress := c.seen.build()
	out := Status{Served: c.seen.current().table.Generation, Last: state.Record.Last}
	b := state.Record.Build
	if b == nil {
		return out
	}
	sum := progress.Sum()
	out.Build = &Build{Build: b, Phase: phase(sum)}
	out.Build.Done, out.Build.Total = seedRecords(sum)
	if building == nil || building.table.Generation != b.Table.Generation {
		return out
	}
	out.Build.Note = building.Trouble()
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

// Current returns the generation that readers see.
func (c *Controller) Current() *Generation { return c.seen.current() }

// Declared returns the definition that this process was given, with the columns that are taken
// from the records' schema, as far as they are known.
func (c *Controller) Declared() *tables.Table { return c.seen.definition() }

// Note is what readers see of the table's generations; empty: nothing.
func (c *Controller) Note() string { return c.seen.noted() }
