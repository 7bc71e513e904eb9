package changes

import (
	"slices"
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
	// not known, as for what a whole group has done. The feed sets it to 0 where readers
	// were past that offset already: what a truncate removes has the offset before it.
	Next int64
}

// Group is what became visible at once.
type Group struct {
	Version uint64 // of the store's rows, with this group
	// Before and After are positions, as the feed has them, without this group and with it.
	// Before may be nil where no more is known than what came with the groups before.
	Before, After tables.Position
	Changes       []Change
}

// entry is a group in a feed.
type entry struct {
	Group
	from tables.Position // how far readers may have come who have not taken this group
	seen tables.Position // what a reader has seen who has taken everything up to this group
	// whole says that some changes have no offset of their own: readers get no
	// positions between the group's changes.
	whole bool
}

// still reports whether the position has not moved with the group: by it nobody can say
// who has taken the group from who has not.
func (e *entry) still() bool { return e.from.Reaches(e.seen) }

// Feed is the last groups of a table. Append is for one goroutine, the rest for any.
type Feed struct {
	// Topic names the topic that positions of the feed are offsets of, where that is not
	// the source's own. It is set before anybody has the feed.
	Topic string

	limit int64
	index index // of the readers' filters; its lock comes before mu

	mu          sync.Mutex
	groups      []entry
	first       uint64          // number of groups[0]
	begin       tables.Position // before groups[0]
	vague       bool            // readers at begin may have seen other rows than those at begin
	reached     tables.Position // with all groups and what came without changes
	size        int64
	sincePlaces int64  // bytes since all readers got their place
	examined    uint64 // number of the first group that the dispatcher has not looked at yet
	readers     map[*Reader]struct{}
	news        chan struct{} // notifies the dispatcher; nil without one
	over        bool
}

// New returns a feed that begins at a position and holds about so many bytes.
func New(begin tables.Position, limit int64) *Feed {
	return &Feed{begin: begin.Clone(), reached: begin.Clone(), limit: limit}
}

// Anew returns a feed like New of rows that have taken the place of others: whoever comes
// back from those starts over, also at the very position.
func Anew(begin tables.Position, limit int64) *Feed {
	f := New(begin, limit)
	f.vague = true
	return f
}

// Append adds a group, which is the feed's from then on, and drops the oldest groups
// when there is too much. One without changes only moves the position up to which readers may
// have come, and at which an empty feed begins whose beginning is vague.
func (f *Feed) Append(g Group) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from := join(f.reached, g.Before)
	f.reached = join(from, g.After)
	if len(g.Changes) == 0 {
		if len(f.groups) == 0 && f.vague && !f.begin.Reaches(f.reached) {
			f.begin, f.vague = f.reached, false
		}
		return
	}
	g.unplace(from)
	f.groups = append(f.groups, entry{
		Group: g, from: from, seen: f.reached,
		whole: slices.ContainsFunc(g.Changes, func(c Change) bool { return c.Next == 0 }),
	})
	n := g.size()
	f.size += n
	f.sincePlaces += n
	f.drop()
	f.notify()
}

// unplace takes their offsets from the changes that readers could not be placed by them:
// those that a reader may have passed who has not seen the change.
func (g *Group) unplace(reached tables.Position) {
	at := reached.Clone()
	for i := range g.Changes {
		c := &g.Changes[i]
		switch last := at.At(c.Partition); {
		case c.Next > last:
			at = at.Set(c.Partition, c.Next)
		case c.Next == last && i > 0 && g.followed(i-1):
		default:
			c.Next = 0
		}
	}
}

// Reached returns the position with all groups and what came without changes.
func (f *Feed) Reached() tables.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reached
}

// drop drops the oldest groups while there is too much.
func (f *Feed) drop() {
	n := 0
	for f.size > f.limit && n < len(f.groups) {
		f.size -= f.groups[n].size()
		f.begin, f.vague = f.groups[n].seen, f.groups[n].still()
		n++
	}
	clear(f.groups[:n]) // readers copy what they take: nobody else has these
	f.groups = f.groups[n:]
	f.first += uint64(n)
}

// end returns the number of the group that comes next.
func (f *Feed) end() uint64 { return f.first + uint64(len(f.groups)) }

// before returns the position of a reader who has taken everything before a group.
func (f *Feed) before(group uint64) tables.Position {
	if group <= f.first {
		return f.begin
	}
	return f.groups[group-f.first-1].seen
}

// End says that there will be no more groups: readers see another table's rows now.
func (f *Feed) End() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over = true
	for r := range f.readers {
		r.wake()
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
		n += int64(len(values[i].Str()))
	}
	return n
}
