package live

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// Generations are how a table is built anew beside itself. The one that is read
// stays as it is until the next one has come as far.
type Generations interface {
	Generation() Generation
	// Replay asks for the next generation. The error is an *Conflict when it cannot be.
	Replay(ctx context.Context, r Replay) (generation int, err error)
}

// Generation is which one is read, what is built beside it, and how the last build ended.
type Generation struct {
	Number int
	Build  *Build
	Last   *Outcome
}

// Build is a generation that is being built.
type Build struct {
	Generation  int
	Why         string // definition or replay
	Phase       string
	Started     time.Time
	Done, Total int64  // records read of those that there are to be read
	Note        string // what it waits for; may be empty
}

// Outcome is how a build ended.
type Outcome struct {
	Generation           int
	Why                  string
	Started, Ended       time.Time
	Rows, Adopted, Swept int64
	Failure              string // why the table is still the one before; empty when it is not
}

// Replay is what a replay is asked to do. At most one of Time and Offsets is given;
// with neither it begins at the earliest record.
type Replay struct {
	Time    time.Time
	Offsets tables.Position
	Sweep   bool // remove the rows that the source no longer has
	// Restart gives up a replay that is under way; without it there is a conflict.
	Restart bool
	// Declared takes the definition that the process itself was given, where another
	// one is read.
	Declared bool
}

// Conflict says why a table cannot be built anew as it was asked for.
type Conflict struct{ Detail, Hint string }

// Error implements error.
func (c *Conflict) Error() string { return c.Detail }
