package live

import (
	"strconv"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// State says how fresh a table is, compared with its source.
type State string

// The states of freshness.
const (
	Fresh        State = "fresh"        // all that the broker had at most 1 s ago is here
	Lagging      State = "lagging"      // it is not
	Disconnected State = "disconnected" // the broker cannot be reached
	Idle         State = "idle"         // there is nothing new at the source
)

// Freshness is how old an answer is at most.
type Freshness struct {
	State State
	Age   time.Duration
}

// String writes f as the header does: fresh; age_ms=12.
func (f Freshness) String() string {
	var buf [48]byte
	b := append(buf[:0], f.State...)
	b = append(b, "; age_ms="...)
	return string(strconv.AppendInt(b, f.Age.Milliseconds(), 10))
}

// Status is how far a table is on the way to being served.
type Status struct {
	Done   int64 // records read of those that its topics had at the start
	Total  int64
	Memory int64  // bytes, those that are pinned included
	Pinned int64  // of them, what cursors and as_of keep beside the newest rows
	Note   string // what it is doing or waiting for; may be empty
	// Refused says that its topics are no longer the ones that it was made from.
	// Reads continue with what there is.
	Refused bool
	// Health is what is wrong with the table, and what was counted of it.
	Health tables.Health
}
