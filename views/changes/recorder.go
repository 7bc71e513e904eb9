package changes

import (
	"slices"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// Recorder finds what a group does to the rows of a store, as readers see them. It
// compares the rows before and after each change: nothing that a change says of itself is
// believed but the row that it leaves to the next change of its key. It is for one
// goroutine, and can be used again for group after group.
type Recorder struct {
	recorded []Change           // of the group, in its order
	last     []bool             // whether a change is its key's last in the group
	at       map[tables.Key]int // where a key's last change is in recorded
}

// Before takes note of the rows that a group is about to change. Next has, for each
// change, the source offset behind its event, 0 where that is not known. Changes of one
// key are reported one by one: another process may have shown the row between them.
func (r *Recorder) Before(snap *store.Snapshot, group []store.Change, next []int64) {
	clear(r.recorded)
	r.recorded, r.last = r.recorded[:0], r.last[:0]
	if len(group) > 1 {
		if r.at == nil {
			r.at = make(map[tables.Key]int, len(group))
		}
		clear(r.at)
	}
	for i := range group {
		c := &group[i]
		change := Change{Key: c.Key, Partition: c.Partition, Next: next[i]}
		j, again := r.at[c.Key]
		if again = again && len(group) > 1; again {
			r.recorded[j].New, r.last[j] = own(group[j].Values), false
			change.Old = r.recorded[j].New
		} else {
			change.Old = Row(snap, c.Key)
		}
		if len(group) > 1 {
			r.at[c.Key] = i
		}
		r.recorded, r.last = append(r.recorded, change), append(r.last, true)
	}
}

// own returns a copy of a row that holds on to nothing of the group.
func own(row []tables.Value) []tables.Value {
	row = slices.Clone(row)
	detach(row)
	return row
}

// After returns what the group has done, in its order; changes that leave the row as it was
// are left out. The changes may be kept.
func (r *Recorder) After(snap *store.Snapshot) []Change {
	n := 0
	for i, c := range r.recorded {
		if r.last[i] {
			c.New = Row(snap, c.Key)
		}
		if Equal(c.Old, c.New) {
			continue
		}
		r.recorded[n] = c
		n++
	}
	return append([]Change(nil), r.recorded[:n]...)
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
