package mvcc

import (
	"github.com/tidemark/tidemark/tables"
)

// Writer applies changes to a generation, for readers from version at on.
type Writer struct {
	*Version
	at      uint32
	Changed bool
}

// NewWriter returns one whose changes are seen from version at on.
func NewWriter(v *Version, at uint32) Writer { return Writer{Version: v, at: at} }

// Apply appends the entry of a change and buries what it supersedes.
func (w *Writer) Apply(c *Change) {
	hash := hashKey(c.Key)
	old := NoRef
	entry, slot := w.Delta.newest(c.Key, hash)
	live := false
	if entry >= 0 {
		old = DeltaRef | Ref(entry)
		ch, i := At(*w.Delta.chunks.Load(), entry)
		live = !ch.Gone[i]
	} else if row := w.Base.find(c.Key, hash); row >= 0 {
		old, live = Ref(row), true
	}
	if c.Values == nil && !live {
		return // gone before: nothing for a reader or a batch to see
	}
	ch, i := w.Delta.room()
	if c.Values == nil {
		w.putRemoval(ch, i, c.Key)
	} else {
		for col, f := range w.Layout.Forms {
			ch.Cols[col].Put(f, i, c.Values[col])
		}
		w.Rows++
	}
	ch.Prev[i], ch.Offset[i], ch.Part[i] = uint32(old), c.Offset, c.Partition
	w.Delta.commit(hash, slot, entry >= 0)
	if live {
		w.bury(old)
		w.Rows--
	}
	w.Changed = true
}

// putRemoval writes an entry that has its key and is dead from the beginning.
func (w *Writer) putRemoval(ch *Chunk, i int, key tables.Key) {
	for col, f := range w.Layout.Forms {
		ch.Cols[col].Put(f, i, tables.Value{})
	}
	values, err := tables.DecodeKey(key, w.Layout.Table.KeyTypes())
	if err == nil { // Layout.Check has decoded it before
		for k, col := range w.Layout.Key {
			ch.Cols[col].Put(w.Layout.Forms[col], i, values[k])
		}
	}
	ch.Gone[i] = true
	ch.tombstones.kill(i, 1)
}

func (w *Writer) bury(old Ref) {
	if old.InDelta() {
		w.Delta.kill(old.Row(), w.at)
	} else {
		w.Tombstones.kill(old.Row(), w.at)
	}
}
