package health

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// Tracker knows how well the processing of a partition goes: counts and troubles. It
// travels with the partition's progress records, so that every view knows, and the next
// owner goes on counting.
type Tracker struct {
	Source, Control Counter // the records of the source, and of the control topic

	newest  newest
	silence silence
	reached atomic.Bool // all is done that the source had when it was first looked at

	mu       sync.Mutex
	known    bool // what was counted before is in
	best     best
	troubles map[tables.Reason]tables.Trouble
}

// New makes the tracker of a partition.
func New() *Tracker {
	t := &Tracker{troubles: map[tables.Reason]tables.Trouble{}}
	t.Source.beforeDeadLetter = t.TakeBest // whatever is reported only every second
	return t
}

// NoteRow notes a record that gives a row; like NoteDead and NoteHeartbeat it is for who
// reads the source.
func (h *Tracker) NoteRow() { h.newest.row() }

// NoteDead notes a dead letter, and why it is one.
func (h *Tracker) NoteDead(field, reason string) {
	h.newest.dead(field+": "+reason, h.Source.Get().Rows)
}

// NoteHeartbeat notes a heartbeat of the connector.
func (h *Tracker) NoteHeartbeat(at time.Time) { h.silence.beat(at) }

// Listen notes how far the source has been read, and reports when it is silent for longer
// than its heartbeats allow.
func (h *Tracker) Listen(offset int64, now time.Time) {
	if t, silent := h.silence.listen(offset, now); silent {
		h.Tell(t)
		return
	}
	h.Clear(tables.SourceSilent)
}

// Reached reports whether all is done that the source had when it was first looked at.
func (h *Tracker) Reached() bool { return h.reached.Load() }

// SetReached says that it is.
func (h *Tracker) SetReached() { h.reached.Store(true) }

// Tell says that something is wrong, until cleared.
func (h *Tracker) Tell(t tables.Trouble) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.troubles[t.Reason] = t
}

// Clear says that something is no longer wrong.
func (h *Tracker) Clear(r tables.Reason) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.troubles, r)
}

// Health is the health of the partition as it is reported now.
func (h *Tracker) Health() wire.Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	source, control := h.Source.Get(), h.Control.Get()
	out := wire.Health{
		Rows: source.Rows, DeadLetters: source.DeadLetters, Settled: control.Settled,
		Skipped: source.Skipped, BestRows: h.best.rows, BestDeadLetters: h.best.deadLetters,
		CountedUntil: source.Until, SettledUntil: control.Until,
	}
	if t, yes := h.newest.mostlyDead(); yes {
		out.Troubles = append(out.Troubles, t)
	}
	for _, r := range tables.Reasons() {
		if t, there := h.troubles[r]; there {
			out.Troubles = append(out.Troubles, t)
		}
	}
	return out
}

// TakeBest notes what is counted, while nothing is under way or where dead letters begin.
func (h *Tracker) TakeBest() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known && h.reached.Load() {
		source := h.Source.Get()
		h.best.take(source.Rows, max(0, source.DeadLetters-h.Control.Get().Settled))
	}
}

// GoOnFrom adds what the partition's owner before has counted.
func (h *Tracker) GoOnFrom(before wire.Health) {
	h.Source.GoOnFrom(Counts{Rows: before.Rows, DeadLetters: before.DeadLetters, Skipped: before.Skipped, Until: before.CountedUntil})
	h.Control.GoOnFrom(Counts{Settled: before.Settled, Until: before.SettledUntil})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known = true
	if before.BestRows > 0 || before.BestDeadLetters > 0 {
		h.best.take(before.BestRows, before.BestDeadLetters)
	}
}

// Known reports whether what was counted before is in.
func (h *Tracker) Known() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.known
}
