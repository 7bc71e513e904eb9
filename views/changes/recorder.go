package changes

import (
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// Recorder finds what a group does to the rows of a store, as readers see them. It
// compares the rows before and after the group: nothing that a change says of itself is
// believed. It is for one goroutine, and can be used again for group after group.
type Recorder struct {
	told []Change           // of the keys of the group
	at   map[tables.Key]int // where a key stands in told
}

// Before takes note of the rows that a group is about to change. Next has, for each
// change, the source offset behind its event, 0 where that is not known.
func (r *Recorder) Before(snap *store.Snapshot, group []store.Change, next []int64) {
	clear(r.told)
	r.told = r.told[:0]
	if len(group) > 1 {
		if r.at == nil {
			r.at = make(map[tables.Key]int, len(group))
		}
		clear(r.at)
	}
	for i := range group {
		c := &group[i]
		told := Change{Key: c.Key, Partition: c.Partition, Next: next[i]}
		if len(group) == 1 {
			told.Old = Row(snap, c.Key)
		} else if j, twice := r.at[c.Key]; twice {
			told.join(&r.told[j])
			r.at[c.Key] = len(r.told)
		} else {
			told.Old = Row(snap, c.Key)
			r.at[c.Key] = len(r.told)
		}
		r.told = append(r.told, told)
	}
}

// join makes a change tell of an earlier one of its key, too.
func (c *Change) join(earlier *Change) {
	c.Old, c.several = earlier.Old, true
	switch {
	case earlier.Next == 0 || earlier.Partition != c.Partition:
		c.Next = 0 // no offset tells of both
	case earlier.First > 0:
		c.First = earlier.First
	default:
		c.First = earlier.Next
	}
	earlier.Key = "" // its last change tells of all
}

// After returns what the group has done, key by key in the order of their last
// changes; keys whose rows are as they were are left out, or idle. The changes may be kept.
func (r *Recorder) After(snap *store.Snapshot) []Change {
	n := 0
	for _, c := range r.told {
		if c.Key == "" {
			continue
		}
		c.New = Row(snap, c.Key)
		if c.Idle = Equal(c.Old, c.New); c.Idle && !c.several {
			continue
		}
		r.told[n] = c
		n++
	}
	return append([]Change(nil), r.told[:n]...)
}

// Row returns the row of a key, nil when there is none. It holds on to nothing of the store.
func Row(snap *store.Snapshot, key tables.Key) []tables.Value {
	values, found := snap.Lookup(key, make([]tables.Value, 0, len(snap.Table().Columns)))
	if !found {
		return nil
	}
	detach(values)
	return values
}

// detach gives the texts of a row a place of their own, one for all of them.
func detach(values []tables.Value) {
	n := 0
	for i := range values {
		n += len(values[i].Str())
	}
	if n == 0 {
		return
	}
	var room strings.Builder
	room.Grow(n)
	for i := range values {
		room.WriteString(values[i].Str())
	}
	rest := room.String()
	for i, v := range values {
		text := rest[:len(v.Str())]
		rest = rest[len(text):]
		switch v.Kind() {
		case tables.String:
			values[i] = tables.StringValue(text)
		case tables.JSON:
			values[i] = tables.JSONValue(text)
		case tables.Bytes:
			values[i] = tables.BytesValue(text)
		}
	}
}

// Equal reports whether a reader sees no difference between two rows; nil is no row.
func Equal(a, b []tables.Value) bool {
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
