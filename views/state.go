package views

import (
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/views/replica"
)

// state is what a view says of itself.
type state struct {
	reached atomic.Bool // the ends that the topics had at the start
	bad     atomic.Pointer[refusal]

	mu   sync.Mutex
	note string // what it is doing or waiting for
}

// refusal is why a view does not serve the table that it was declared for.
type refusal struct{ err error }

func (s *state) say(note string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note = note
}

func (s *state) refuse(err error) { s.bad.Store(&refusal{err: err}) }

func (s *state) accept() { s.bad.Store(nil) }

func (s *state) refused() error {
	if r := s.bad.Load(); r != nil {
		return r.err
	}
	return nil
}

func (s *state) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.note
}

// Status is where a view stands.
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
	Batch    uint64 // the newest that they stand on
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
func (v *View) Ready() bool { return v.state.reached.Load() && v.uniform() }

// Readable reports whether the table can be read: it is ready, or its rows are a
// whole state of it from before, and come up to date while they are read. Where keys are in
// several partitions the rows on disk may tell of such a key what the position has not come
// to: then they are not read before they have caught up. It costs next to nothing.
func (v *View) Readable() bool {
	if !v.uniform() {
		return false
	}
	s := v.current.Load()
	return v.state.reached.Load() || s != nil && wholeAlone(s)
}

// wholeAlone reports whether a session began with the table as it was, and no key is in several partitions.
func wholeAlone(s *replica.Replica) bool {
	o := s.Origin()
	return o.Whole() && s.Keys().Doubled() == 0
}

// RollupsReadable is Readable for the rollups, whose groups are counted at the start.
func (v *View) RollupsReadable() bool {
	s := v.current.Load()
	return v.Readable() && (v.state.reached.Load() || s != nil && s.Counted())
}

// uniform reports whether all rows are of the table as it is declared.
func (v *View) uniform() bool {
	return v.foreign.Count() == 0 && (!v.o.Seeded || v.seeds.Live())
}

// Status says where the view stands.
func (v *View) Status() Status {
	note := v.state.said()
	out := Status{Ready: v.Ready(), Note: note, Batch: v.Snapshot().Batch(), Disk: v.diskBytes()}
	switch err := v.state.refused(); {
	case err != nil:
		out.Refused, out.Note = true, err.Error()
	case v.foreign.Count() > 0:
		out.Note = v.foreign.Note()
	case v.o.Seeded && !v.seeds.Live():
		out.Note = v.seeds.Note()
	case v.faults.Note() != "":
		out.Note = v.faults.Note()
	case out.Ready && v.current.Load() != nil && note == noteReading:
		out.Note = ""
	}
	if id, _ := v.disputed.Last(); id != 0 {
		out.Disputed = id
		if out.Note == "" {
			out.Note = v.disputed.Note()
		}
	}
	if s := v.current.Load(); s != nil {
		out.Memory, out.Origin = s.Memory(), s.Origin().From
		out.Done, out.Total = s.Progress()
	}
	out.Pinned = v.pins.memory(v.files.InMemory(nil))
	out.Memory += out.Pinned
	out.Seed = v.seeds.All()
	v.mu.Lock()
	out.Restarts = v.restarts
	v.mu.Unlock()
	for _, r := range v.readers() {
		out.Restarts += r.Restarts()
	}
	return out
}
