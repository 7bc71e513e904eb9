package pending

import (
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/tables"
)

// Here package health learns of entries.

// counts is what an entry counts as when it is done.
func (e *Entry) counts() health.Counts {
	c := health.Counts{Settled: e.settled, Until: e.Offset + 1}
	switch {
	case e.Action == Skip:
		c.Skipped = 1
	case e.Action == DeadLetter:
		c.DeadLetters = 1
	case e.Action == Fold && e.Change.Op == tables.Upsert:
		c.Rows = 1
	}
	return c
}

// Note counts a decoded record of the source in a tracker.
func (e *Entry) Note(h *health.Tracker) {
	switch {
	case e.Action == Skip:
		if e.Change.Reason == cdc.SkipHeartbeat {
			h.NoteHeartbeat(e.Raw.Time)
		}
	case e.Action == DeadLetter:
		h.NoteDead(e.Field, e.Reason)
	case e.Change.Op == tables.Upsert: // deletes can be read where rows cannot
		h.NoteRow()
	}
}
