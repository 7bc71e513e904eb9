package supervisor

import (
	"sync"

	"github.com/tidemark/tidemark/views/events"
)

// unreadable reports records that cannot be read, and which of them is the first of its kind.
type unreadable struct {
	events *events.Listener
	told   sync.Map // kinds
}

func (r *unreadable) leaveOut(e events.RecordUnreadable) {
	_, e.Known = r.told.LoadOrStore(e.What, true)
	r.events.RecordUnreadable(e)
}
