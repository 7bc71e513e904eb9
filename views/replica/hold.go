package replica

import (
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/store"
)

// The rows are held back from readers where the changelog does not have what the source had
// at an offset: then they are a mix of states, and no position is theirs. There are two
// such stretches.
//
//   - Offsets are missing that compaction may have taken: of a key only its last record
//     is left, and that may be anywhere up to the end that the changelog has when
//     the hole is seen. So the rows are shown again when they have come to an end that was
//     asked for after that.
//   - A processor writes again what it had not written for sure, and leaves out what
//     it has newer (wire.WholeName). It says from which source offset on the rows are whole.
//
// Meanwhile readers see the last whole state, its position, its rollups and no changes. A view
// that keeps up meets no holes: the cleaner leaves the newest records alone.

// frozen is what readers see while rows are held back.
type frozen struct{ snapshot *store.Snapshot }

// Hold is what the rows of a replica are held back for. It is the writer's own, but
// for what is atomic, and outlives writers.
type Hold struct {
	on    bool
	holes []uint64 // per partition, the number of its last hole; 0 when its end is known, or it has none
	ends  []int64  // of the changelog, to be come to
	whole []int64  // of the source, to be come to
	keys  map[tables.Key]int32
	many  bool // there were more keys than are kept

	count atomic.Uint64             // of holes so far
	asked atomic.Pointer[askedEnds] // the newest ends of the changelog
}

// askedEnds are ends that were asked for when the holes so far had been seen.
type askedEnds struct {
	holes uint64
	ends  tables.Position
}

// heldKeys bounds the keys whose change is reported at once when rows are shown again; where there
// are more, those who follow the table start over.
const heldKeys = 1 << 16

func newHold(partitions int32) *Hold {
	return &Hold{holes: make([]uint64, partitions), ends: make([]int64, partitions), whole: make([]int64, partitions)}
}

// unanswered reports whether a hole waits for the end of the changelog.
func (h *Hold) unanswered() bool {
	told := h.asked.Load()
	return told == nil && h.count.Load() > 0 || told != nil && told.holes < h.count.Load()
}

// hole notes that offsets of a partition are missing.
func (h *Hold) hole(partition int32) { h.holes[partition] = h.count.Add(1) }

// ask asks for an end of the changelog, and returns by which number.
func (h *Hold) ask() uint64 { return h.count.Add(1) }

// aim takes over ends that were asked for after the holes.
func (h *Hold) aim() {
	told := h.asked.Load()
	if told == nil {
		return
	}
	for p, n := range h.holes {
		if n > 0 && n <= told.holes {
			h.ends[p], h.holes[p] = told.ends.At(int32(p)), 0
		}
	}
}

// reached reports whether rows of a place are whole again.
func (h *Hold) reached(at *progress.Applied) bool {
	h.aim()
	for p, n := range h.holes {
		if n > 0 || at.Changelog[p] < h.ends[p] || at.Source[p] < h.whole[p] {
			return false
		}
	}
	return true
}

// keep remembers the keys of a group.
func (h *Hold) keep(group []store.Change) {
	for i := range group {
		if h.many {
			return
		}
		if h.keys == nil {
			h.keys = map[tables.Key]int32{}
		}
		h.keys[group[i].Key] = group[i].Partition
		h.many = len(h.keys) > heldKeys
	}
}

// breaks reports whether the rows are to be held back from an item on, and continues to it.
func (w *writer) breaks(it *item) bool {
	if it.offset < 0 {
		return false
	}
	p, h := it.partition, w.s.hold
	hole := it.offset > max(w.expect[p], w.base.At(p))
	w.expect[p] = max(w.expect[p], it.offset+1)
	if hole {
		h.hole(p)
		if !h.on {
			w.s.shared.View.Poll()
		}
	}
	return hole || it.whole > 0
}

// holdBack lets readers see no more than they do, for the sake of an item.
func (w *writer) holdBack(it *item) {
	h, p := w.s.hold, it.partition
	if it.whole > w.s.place.Next.Source[p] {
		h.whole[p] = max(h.whole[p], it.whole)
	}
	if h.on || h.reached(&w.s.place.Next) {
		return
	}
	h.on, h.keys, h.many = true, nil, false
	w.s.frozen.Store(&frozen{w.s.store.Snapshot()})
	w.s.place.HoldBack()
	w.s.shared.Events.RowsHeldBack(events.RowsHeldBack{Partition: p, Offset: it.offset, From: w.s.place.Next.Source.String()})
}

// show lets readers see the rows again. It needs the gate; the group is applied.
func (w *writer) show() {
	h := w.s.hold
	before := w.s.frozen.Swap(nil)
	h.on = false
	w.s.place.Show()
	now := w.s.store.Snapshot()
	w.s.shared.Events.RowsShown(events.RowsShown{Position: w.s.shared.ToSource(now.Position()).String()})
	feed := w.s.feed.Load()
	if feed == nil {
		return
	}
	if h.many {
		feed.End()
		w.s.feed.Store(nil)
		return
	}
	group := make([]store.Change, 0, len(h.keys))
	for key, p := range h.keys {
		group = append(group, store.Change{Partition: p, Key: key})
	}
	var diff changes.Recorder
	diff.Before(before.snapshot, group, make([]int64, len(group)))
	feed.Append(changes.Group{
		Version: now.Version(), Before: before.snapshot.Position(), After: now.Position(), Changes: diff.After(now),
	})
	h.keys = nil
}

// Waits returns how many holes the rows have, and whether they wait for the ends of the
// changelog that it has after these.
func (h *Hold) Waits() (holes uint64, waits bool) { return h.count.Load(), h.unanswered() }

// Tell takes ends of the changelog that were asked for when there were so many holes.
func (h *Hold) Tell(holes uint64, ends tables.Position) { h.asked.Store(&askedEnds{holes, ends}) }
