package changes

import (
	"sync"

	"github.com/tidemark/tidemark/tables"
)

// Change is what happened to one key.
type Change struct {
	Key       tables.Key
	Old       []tables.Value // nil: there was no row
	New       []tables.Value // nil: there is none now
	Partition int32          // of the source topic
	// Next is the source offset behind the event that made the change; 0 when that is
	// not known, as for what a whole group has done.
	Next int64
}

// Group is what became visible at once.
type Group struct {
	Version uint64          // of the store's rows, with this group
	After   tables.Position // of the source topic, with this group
	Changes []Change
}

// Feed is the last groups of a table. Append is for one goroutine, the rest for any.
type Feed struct {
	limit int64

	mu      sync.Mutex
	groups  []Group
	first   uint64          // number of groups[0]
	begin   tables.Position // of the source topic, before groups[0]
	size    int64
	changed chan struct{} // closed with the next group, or the end; nil while nobody waits
	over    bool
}

// New returns a feed that begins at a position and holds about so many bytes.
func New(begin tables.Position, limit int64) *Feed {
	return &Feed{begin: begin.Clone(), limit: limit}
}

// Append adds a group, whose values must not be changed any more, and drops the
// oldest groups when there is too much. One without changes only moves the position
// at which an empty feed begins.
func (f *Feed) Append(g Group) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(g.Changes) == 0 {
		if len(f.groups) == 0 {
			f.begin = g.After
		}
		return
	}
	f.groups = append(f.groups, g)
	f.size += g.size()
	drop := 0
	for f.size > f.limit && drop < len(f.groups) {
		f.size -= f.groups[drop].size()
		f.begin = f.groups[drop].After
		drop++
	}
	if drop > 0 {
		clear(f.groups[:drop]) // readers copy what they take: nobody else has these
		f.groups = f.groups[drop:]
		f.first += uint64(drop)
	}
	f.wake()
}

// End says that there will be no more groups: readers see another table's rows now.
func (f *Feed) End() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over = true
	f.wake()
}

func (f *Feed) wake() {
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// Bytes returns about how much memory the groups take.
func (f *Feed) Bytes() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.size
}

// What a change takes beside its texts.
const (
	valueBytes  = 40
	changeBytes = 96
)

func (g *Group) size() int64 {
	n := int64(0)
	for i := range g.Changes {
		c := &g.Changes[i]
		n += changeBytes + int64(len(c.Key)) + sizeOf(c.Old) + sizeOf(c.New)
	}
	return n
}

func sizeOf(values []tables.Value) int64 {
	n := int64(len(values)) * valueBytes
	for i := range values {
		switch values[i].Kind() {
		case tables.String, tables.JSON, tables.Bytes:
			n += int64(len(values[i].Str()))
		}
	}
	return n
}
