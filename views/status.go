package views

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/views/replica"
)

// Status is the state of a view.
type Status struct {
	Ready bool // it can be read
	// Refused says that the topics are no longer those that the table was declared
	// for: its rows can still be read, and stay as they are.
	Refused bool
	Note    string // what it is doing or waiting for; empty when all is well
	// Disputed is the newest batch, when the changelog differs from it: it was left out, and
	// the rows are the changelog's. 0 when there is none.
	Disputed uint64
	Done     int64 // records read of those that the changelog had at the start
	Total    int64
	Memory   int64  // bytes of the rows in memory, those that are pinned included
	Pinned   int64  // of them, what cursors and as_of keep beside the newest rows
	Disk     int64  // bytes of the whole rows on disk, about
	Origin   string // what the rows were loaded from
	Batch    uint64 // the newest that they are based on
	// Seed is how far the filling of this generation is, by partition, of those that have
	// begun; empty when it is not filled from another.
	Seed []wire.Bootstrap
	// Restarts counts how often the reader of the changelog had to be built again.
	Restarts int64
}

// Ready reports whether the table is up to date: it has reached the end that its
// topics had when it started, and all of its rows have the table's columns. It
// costs next to nothing.
//
// A generation that is filled from an older one is not ready before it is.
func (v *View) Ready() bool { return v.runs.Ready() }

// Readable reports whether the table can be read: it is ready, or its rows are a
// whole state of it from before, and come up to date while they are read. Where keys are in
// several partitions the rows on disk may say of such a key what the position has not come
// to: then they are not read before they have caught up. It costs next to nothing.
func (v *View) Readable() bool {
	if !v.runs.Uniform() {
		return false
	}
	s := v.runs.Current()
	return v.runs.Reached() || s != nil && wholeAlone(s)
}

// wholeAlone reports whether a replica began with the table as it was, and no key is in several partitions.
func wholeAlone(s *replica.Replica) bool {
	o := s.Origin()
	return o.Whole() && s.Keys().Duplicates() == 0
}

// RollupsReadable is Readable for the rollups, whose groups are counted at the start.
func (v *View) RollupsReadable() bool {
	s := v.runs.Current()
	return v.Readable() && (v.runs.Reached() || s != nil && s.Counted())
}

// Status returns the state of the view.
func (v *View) Status() Status {
	out := Status{Ready: v.Ready(), Note: v.runs.Note(), Batch: v.Snapshot().Batch(), Disk: v.diskBytes()}
	if err := v.runs.Refused(); err != nil {
		out.Refused, out.Note = true, err.Error()
	}
	if id, _ := v.parts.Disputes.Last(); id != 0 {
		out.Disputed = id
		if out.Note == "" {
			out.Note = v.parts.Disputes.Note()
		}
	}
	if s := v.runs.Current(); s != nil {
		out.Memory, out.Origin = s.Memory(), s.Origin().From
		out.Done, out.Total = s.Progress()
	}
	out.Pinned = v.pins.memory(v.parts.Files.InMemory(nil))
	out.Memory += out.Pinned
	out.Seed = v.parts.Bootstrap.All()
	out.Restarts = v.runs.Restarts()
	return out
}
