package views

import (
	"context"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

// feedBytes is about how much memory the changes of a table take that those who
// follow it can still ask for.
const feedBytes = 32 << 20

// Follow returns the feed of the table's changes and a snapshot of the rows that it
// belongs to, or ErrUnavailable before the table can be read. The feed ends when
// readers are given other rows, built anew; then Follow again.
func (v *View) Follow(ctx context.Context) (*changes.Feed, *store.Snapshot, error) {
	s := v.current.Load()
	if s == nil || !v.Ready() {
		return nil, nil, ErrUnavailable
	}
	feed := s.feed.Load()
	if feed == nil {
		// Nothing has changed since the table can be read. The writer holds the gate
		// while it looks for a feed, so that none of its changes is missed.
		if err := v.gate.enter(ctx); err != nil {
			return nil, nil, err
		}
		defer v.gate.leave()
		feed = s.makeFeed()
	}
	return feed, s.store.Snapshot(), nil
}

// makeFeed begins the feed at what readers see. It needs the gate.
func (s *session) makeFeed() *changes.Feed {
	if feed := s.feed.Load(); feed != nil {
		return feed
	}
	feed := changes.New(s.v.Position(s.store.Snapshot()), feedBytes)
	s.feed.Store(feed)
	return feed
}

func (s *session) endFeed() {
	if feed := s.feed.Load(); feed != nil {
		feed.End()
	}
	for _, d := range s.derived {
		if d.feed != nil {
			d.feed.End()
		}
	}
}

// before returns the changes that the group will make, with the rows as readers
// still see them, or nil when nobody asks: there is no rollup, and the table cannot
// be followed yet.
func (w *writer) before() []changes.Change {
	if w.s.v.current.Load() == w.s && w.s.v.Ready() {
		w.s.makeFeed()
	}
	if w.s.feed.Load() == nil && len(w.s.derived) == 0 {
		return nil
	}
	snap := w.s.store.Snapshot()
	out := make([]changes.Change, 0, len(w.changes))
	at := make(map[tables.Key]int, len(w.changes))
	for i := range w.changes {
		c := &w.changes[i]
		told := changes.Change{Key: c.Key, Partition: c.Partition, Next: w.next[i]}
		if w.s.v.placed != nil {
			told.Next = 0 // it is an offset of what is placed by keys, not of the source
		}
		if j, twice := at[c.Key]; twice {
			told.Old = out[j].Old
			out[j].Key = "" // its last change tells of all
		} else {
			told.Old = lookup(snap, c.Key)
		}
		at[c.Key] = len(out)
		out = append(out, told)
	}
	return out
}

// after brings the rollups to where the rows are, and tells those who follow the table
// what the group has changed.
func (w *writer) after(told []changes.Change) error {
	feed := w.s.feed.Load()
	if feed == nil && len(w.s.derived) == 0 {
		return nil
	}
	snap := w.s.store.Snapshot()
	kept := told[:0]
	for _, c := range told {
		if c.Key == "" {
			continue
		}
		if c.New = lookup(snap, c.Key); !equalRows(c.Old, c.New) {
			kept = append(kept, c)
		}
	}
	for _, d := range w.s.derived {
		for i := range kept {
			d.rollup.Change(kept[i].Old, kept[i].New)
		}
		if err := d.publish(snap.Position(), w.s.v.Position(snap)); err != nil {
			return err
		}
	}
	if feed != nil {
		feed.Append(changes.Group{Version: snap.Version(), After: w.s.v.Position(snap), Changes: kept})
	}
	return nil
}

// lookup returns a row that holds on to nothing of the store.
func lookup(snap *store.Snapshot, key tables.Key) []tables.Value {
	values, found := snap.Lookup(key, make([]tables.Value, 0, len(snap.Table().Columns)))
	if !found {
		return nil
	}
	for i, v := range values {
		switch v.Kind() {
		case tables.String:
			values[i] = tables.StringValue(strings.Clone(v.Str()))
		case tables.JSON:
			values[i] = tables.JSONValue(strings.Clone(v.Str()))
		case tables.Bytes:
			values[i] = tables.BytesValue(strings.Clone(v.Str()))
		}
	}
	return values
}

// equalRows reports whether nothing has changed that a reader can see.
func equalRows(a, b []tables.Value) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for i := range a {
		if a[i].IsNull() != b[i].IsNull() || !a[i].IsNull() && a[i] != b[i] {
			return false
		}
	}
	return true
}
