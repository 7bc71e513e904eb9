package processors

import (
	"fmt"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// health is how well the processing of a partition goes: counts and troubles. It
// travels with the partition's progress records, so that every view knows, and the next
// owner goes on counting.
type health struct {
	source, control recordCounter
	unsettled       atomic.Int64
	recent          atomic.Uint64 // the newest records that were to give a row, the newest bit first: 1 for a dead letter
	read            atomic.Int64  // how many there were since the first dead letter
	reached         atomic.Bool   // all is done that the source had when it was first looked at
	upserts         int64         // that were read; the feeder only

	beats    atomic.Int64 // time between the newest two heartbeats of the connector, nanoseconds; 0 before there are two
	lastBeat time.Time    // of the feeder

	mu       sync.Mutex
	known    bool // what was counted before is in
	best     best
	offset   int64
	moved    time.Time // when something was last read
	troubles map[tables.Reason]tables.Trouble
	lastDead string // why the newest dead letter is one
}

// note looks at a record of the source that was decoded. The feeder calls it.
func (h *health) note(e *entry) {
	switch {
	case e.action == doNothing:
		if e.change.Reason == cdc.SkipHeartbeat {
			h.beat(e.raw.Time)
		}
	case e.action == doDead:
		if h.read.Load() == 0 {
			h.read.Store(min(max(h.upserts, h.source.get().rows), recentRecords))
		}
		h.recent.Store(h.recent.Load()<<1 | 1)
		h.read.Add(1)
		h.mu.Lock()
		h.lastDead = e.field + ": " + e.reason
		h.mu.Unlock()
	case e.change.Op == tables.Upsert: // deletes can be read where rows cannot
		h.upserts++
		if was := h.recent.Load(); was != 0 {
			h.recent.Store(was << 1)
			h.read.Add(1)
		}
	}
}

// beat notes a heartbeat of the connector.
func (h *health) beat(at time.Time) {
	if gap := at.Sub(h.lastBeat); !h.lastBeat.IsZero() && gap > 0 {
		h.beats.Store(int64(gap))
	}
	h.lastBeat = at
}

// silentAfter is how many heartbeats may be missing, and silentLeast the time that is
// waited for them at least: connectors are restarted, too.
const (
	silentAfter = 3
	silentLeast = 10 * time.Second
)

// listen notes how far the source has been read, and tells when it is silent for longer
// than its heartbeats allow.
func (h *health) listen(offset int64, now time.Time) {
	h.mu.Lock()
	if offset != h.offset || h.moved.IsZero() {
		h.offset, h.moved = offset, now
	}
	silent, gap := now.Sub(h.moved), time.Duration(h.beats.Load())
	h.mu.Unlock()
	if gap == 0 || silent < max(silentAfter*gap, silentLeast) {
		h.clear(tables.SourceSilent)
		return
	}
	h.tell(tables.Trouble{Reason: tables.SourceSilent, Text: fmt.Sprintf(
		"nothing has come for %s, though the connector sends a heartbeat every %s: look at the connector", silent.Round(time.Second), gap.Round(time.Millisecond))})
}

// tell says that something is wrong, until cleared.
func (h *health) tell(t tables.Trouble) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.troubles == nil {
		h.troubles = map[tables.Reason]tables.Trouble{}
	}
	h.troubles[t.Reason] = t
}

// clear says that something is no longer wrong.
func (h *health) clear(r tables.Reason) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.troubles, r)
}

// recentRecords is how many of the newest records tell whether most are dead letters.
const recentRecords = 64

// mostlyDead says that most of the newest records are dead letters.
func (h *health) mostlyDead() (tables.Trouble, bool) {
	of := min(h.read.Load(), recentRecords)
	dead := int64(bits.OnesCount64(h.recent.Load()))
	if dead == 0 || 2*dead <= of {
		return tables.Trouble{}, false
	}
	return tables.Trouble{
		Reason: tables.DeadLetters,
		Text:   fmt.Sprintf("%d of the newest %d records are dead letters, the last by %s; tidemark check says what to change", dead, of, h.lastDead),
	}, true
}

// told is what is told of the partition now.
func (h *health) told() wire.Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	source, control := h.source.get(), h.control.get()
	out := wire.Health{
		Rows: source.rows, DeadLetters: source.letters, Settled: control.settled,
		Skipped: source.skipped, Unsettled: h.unsettled.Load(),
		BestRows: h.best.rows, BestLetters: h.best.letters,
		CountedUntil: source.until, SettledUntil: control.until,
	}
	if t, yes := h.mostlyDead(); yes {
		out.Troubles = append(out.Troubles, t)
	}
	for _, r := range tables.Reasons() {
		if t, there := h.troubles[r]; there {
			out.Troubles = append(out.Troubles, t)
		}
	}
	if n := out.Unsettled; n > 0 && !slices.ContainsFunc(out.Troubles, func(t tables.Trouble) bool { return t.Reason == tables.UnsettledKeys }) {
		out.Troubles = append(out.Troubles, tables.Trouble{
			Reason: tables.UnsettledKeys, Text: fmt.Sprintf("%d keys have events of which it cannot be said which is the newest", n),
		})
	}
	return out
}

// best is what was counted when rows were furthest ahead of dead letters.
type best struct {
	rows, letters int64
	some          bool
}

func (b *best) take(rows, letters int64) {
	if !b.some || rows-letters > b.rows-b.letters {
		*b = best{rows, letters, true}
	}
}

// takeBest notes what is counted, while nothing is under way or where dead letters begin.
func (h *health) takeBest() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known && h.reached.Load() {
		source := h.source.get()
		h.best.take(source.rows, max(0, source.letters-h.control.get().settled))
	}
}

// goOnFrom adds what the partition's owner before has counted.
func (h *health) goOnFrom(before wire.Health) {
	h.source.goOnFrom(recordCounts{rows: before.Rows, letters: before.DeadLetters, skipped: before.Skipped, until: before.CountedUntil})
	h.control.goOnFrom(recordCounts{settled: before.Settled, until: before.SettledUntil})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known = true
	if before.BestRows > 0 || before.BestLetters > 0 {
		h.best.take(before.BestRows, before.BestLetters)
	}
}

// toldHealth is what is told of the partition now, once what was counted before is
// known. The owner of partition 0 speaks for the table as a whole, too.
func (c *claim) toldHealth() (wire.Health, bool) {
	next := c.queue.readNext()
	c.health.listen(next, c.opts.Clock())
	if next == c.queue.watermark() {
		c.health.takeBest()
	}
	out := c.health.told()
	if c.partition == 0 {
		out.Troubles = append(out.Troubles, c.table.told().Troubles...)
	}
	c.status.healthy(c.partition, out)
	c.health.mu.Lock()
	defer c.health.mu.Unlock()
	return out, c.health.known
}
