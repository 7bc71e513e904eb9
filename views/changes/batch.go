package changes

import (
	"slices"
	"sync"

	"github.com/tidemark/tidemark/tables"
)

// Event is the net change of a key since the reader's last batch.
type Event struct {
	Change
	// Was and Is say whether the reader's filter keeps the old row, and the new one. It
	// keeps one of them at least.
	Was, Is bool
	// ID is the position up to which a reader that has taken this event has seen all; it
	// is nil where a reader that comes again must get the whole batch again.
	ID tables.Position
}

// Batch is what a reader gets at once, until it takes the next.
type Batch struct {
	Events []Event
	After  tables.Position // of the source topic, with all of it
}

// batch makes events of groups, without the changes that the reader has seen.
func (r *Reader) batch(groups []entry) (Batch, error) {
	m := merging{}
	for i := range groups {
		g := &groups[i]
		if r.resumed || g.Version > r.version {
			if err := r.group(g, &m); err != nil {
				return Batch{}, err
			}
		}
		r.seen = join(r.seen, g.seen)
	}
	return Batch{Events: m.finish(r.seen), After: r.seen}, nil
}

// group adds a group's changes.
func (r *Reader) group(g *entry, m *merging) error {
	if g.whole && r.resumed {
		switch taken, missing := r.id.Reaches(g.seen), g.from.Reaches(r.id); {
		case taken == missing:
			return ErrGone // it may have been taken or not; or the id is another process's, and reports a part
		case taken:
			return nil
		}
	}
	at, known := r.seen, 0 // what the reader has seen with the changes before known
	for i := range g.Changes {
		c := &g.Changes[i]
		if id := r.id.At(c.Partition); !g.whole && c.Next <= id {
			continue
		}
		e := Event{Was: c.Old != nil && r.filter.Match(c.Old), Is: c.New != nil && r.filter.Match(c.New)}
		if !e.Was && !e.Is {
			continue
		}
		e.Change = *c
		if !g.whole && !g.followed(i) {
			at, known = g.upTo(at, known, i+1), i+1
			e.ID = at
		}
		m.add(e)
	}
	return nil
}

// upTo returns a position with the events of the changes from one to before another.
func (g *Group) upTo(at tables.Position, from, to int) tables.Position {
	at = at.Clone()
	for i := from; i < to; i++ {
		if c := &g.Changes[i]; !g.followed(i) {
			at = at.Set(c.Partition, max(at.At(c.Partition), c.Next))
		}
	}
	return at
}

// followed reports whether another change of the group comes from the same event.
func (g *Group) followed(i int) bool {
	c := &g.Changes[i]
	return i+1 < len(g.Changes) && g.Changes[i+1].Partition == c.Partition && g.Changes[i+1].Next <= c.Next
}

// merging leaves of each key's events one.
type merging struct {
	events []Event
	last   map[tables.Key]int // where a key's last event is, once there are some
	merged bool
}

// merged marks an event whose key has a later one in the same batch.
const merged int32 = -1

// fewEvents are looked through one by one.
const fewEvents = 8

// What merging needs is used again, by whatever reader: most have nothing most of the time.
var (
	lasts = sync.Pool{New: func() any { return map[tables.Key]int{} }}
	lists = sync.Pool{New: func() any { return new([]Event) }}
)

// maxKept is the largest list of events that is used again.
const maxKept = 4096

func giveBack(events []Event) {
	if cap(events) <= maxKept {
		clear(events)
		events = events[:0]
		lists.Put(&events)
	}
}

func (m *merging) add(e Event) {
	if j := m.find(e.Key); j >= 0 {
		e.Old, e.Was = m.events[j].Old, m.events[j].Was
		m.events[j].Partition = merged
		m.merged = true
	}
	if m.last != nil {
		m.last[e.Key] = len(m.events)
	}
	if m.events == nil {
		m.events = *lists.Get().(*[]Event)
	}
	m.events = append(m.events, e)
}

// find returns where the last event of a key is, or -1.
func (m *merging) find(key tables.Key) int {
	if m.last == nil && len(m.events) < fewEvents {
		for j := len(m.events) - 1; j >= 0; j-- {
			if m.events[j].Key == key {
				return j
			}
		}
		return -1
	}
	if m.last == nil {
		m.last = lasts.Get().(map[tables.Key]int)
		for j := range m.events {
			m.last[m.events[j].Key] = j
		}
	}
	if j, there := m.last[key]; there {
		return j
	}
	return -1
}

// finish returns the events. The last one brings the reader to a position.
func (m *merging) finish(after tables.Position) []Event {
	if m.last != nil {
		clear(m.last)
		lasts.Put(m.last)
	}
	if m.merged {
		m.events = slices.DeleteFunc(m.events, func(e Event) bool { return e.Partition == merged || !e.Was && !e.Is })
		for i := range m.events {
			m.events[i].ID = nil // a key's earlier changes are missing between them
		}
	}
	if n := len(m.events); n > 0 {
		m.events[n-1].ID = after
	}
	return m.events
}

// join returns the later of two positions, partition by partition. It changes neither,
// and may return one of them.
func join(a, b tables.Position) tables.Position {
	if b.Reaches(a) {
		return b
	}
	if a.Reaches(b) {
		return a
	}
	out := a.Clone()
	for p, o := range b {
		out = out.Set(int32(p), max(out.At(int32(p)), o))
	}
	return out
}
