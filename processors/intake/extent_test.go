package intake

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
)

func change(lsn uint64, at int64) *tables.Change {
	return &tables.Change{Op: tables.Upsert, Time: at, Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: lsn}}
}

// Events in the order of the database cost no read of the state.
func TestOrderedEventsAreNotLookedUp(t *testing.T) {
	x := &extent{}
	if x.note(change(20, 5)) || x.note(change(30, 5)) || x.note(change(25, 6)) {
		t.Error("an event with a later position, or a later time, may be a repetition")
	}
	if !x.note(change(25, 6)) || !x.note(change(30, 4)) {
		t.Error("an event behind others by position and time may be none")
	}
	if x.note(change(1, 7)) {
		t.Error("the first event of a restored database may be a repetition")
	}
}
