package changes

import (
	"slices"

	"github.com/tidemark/tidemark/tables"
)

// Event is the net change of a key since the reader's last batch.
type Event struct {
	Change
	// ID is the position up to which a reader that has taken this event has seen all; it
	// is nil where a reader that comes again must be told of the whole batch anew.
	ID tables.Position
}

// Batch is what a reader gets at once.
type Batch struct {
	Events []Event
	After  tables.Position // of the source topic, with all of it
}

// batch makes events of groups, without the changes that the reader has seen.
func (r *Reader) batch(groups []Group) Batch {
	var b Batch
	last := map[tables.Key]int{} // of the key's event
	for i := range groups {
		g := &groups[i]
		if r.started && g.Version <= r.version {
			continue
		}
		r.group(g, &b, last)
		r.seen = join(r.seen, g.After)
	}
	b.After = r.seen.Clone()
	if dropped := r.coalesced(&b); !dropped && len(b.Events) > 0 {
		b.Events[len(b.Events)-1].ID = b.After
		return b
	}
	for i := range b.Events {
		b.Events[i].ID = nil // a key's earlier changes are missing between them
	}
	if n := len(b.Events); n > 0 {
		b.Events[n-1].ID = b.After
	}
	return b
}

// group appends a group's changes; last knows where a key's event stands.
func (r *Reader) group(g *Group, b *Batch, last map[tables.Key]int) {
	at := r.seen.Clone()
	for i := range g.Changes {
		c := g.Changes[i]
		if !r.started && r.passed(&c, g) {
			continue
		}
		if j, twice := last[c.Key]; twice {
			c.Old = b.Events[j].Old
			b.Events[j].Partition = merged
		}
		e := Event{Change: c}
		if c.Next > 0 && !followed(g, i) {
			at = at.Set(c.Partition, max(at.At(c.Partition), c.Next))
			e.ID = at.Clone()
		}
		last[c.Key] = len(b.Events)
		b.Events = append(b.Events, e)
	}
}

// merged marks an event whose key has a later one in the same batch.
const merged int32 = -1

// coalesced takes out the events that were merged into later ones.
func (r *Reader) coalesced(b *Batch) bool {
	n := len(b.Events)
	b.Events = slices.DeleteFunc(b.Events, func(e Event) bool { return e.Partition == merged })
	return len(b.Events) < n
}

// passed reports whether a reader that resumed has seen a change.
func (r *Reader) passed(c *Change, g *Group) bool {
	if c.Next > 0 {
		return c.Next <= r.seen.At(c.Partition)
	}
	return r.seen.Reaches(g.After)
}

// followed reports whether another change of the group comes from the same event.
func followed(g *Group, i int) bool {
	c := &g.Changes[i]
	return i+1 < len(g.Changes) && g.Changes[i+1].Partition == c.Partition && g.Changes[i+1].Next <= c.Next
}

// join returns the later of two positions, partition by partition.
func join(a, b tables.Position) tables.Position {
	out := a.Clone()
	for p, o := range b {
		out = out.Set(int32(p), max(out.At(int32(p)), o))
	}
	return out
}
