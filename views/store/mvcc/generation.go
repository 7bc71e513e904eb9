package mvcc

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// Generation is a base and everything that happened to it since. A merge makes the
// next one; readers keep theirs for as long as they need it.
type Generation struct {
	Layout     *Layout
	Base       *Base
	Tombstones *Tombstones
	Delta      *Delta
}

// NewGeneration begins one on a base.
func NewGeneration(b *Base) *Generation {
	return &Generation{Layout: b.Layout, Base: b, Tombstones: NewTombstones(b.Rows), Delta: NewDelta(b.Layout)}
}

// Version is what one reader sees: the first count entries of the delta, and every
// row that was not dead at the clock. It never changes.
type Version struct {
	*Generation
	Chunks   []*Chunk
	Count    int
	Clock    uint32 // counts the changes of this generation; 0 sees the base alone
	Rows     int
	Number   uint64 // counts the changes of the store
	Batch    uint64
	Position tables.Position
}

// See lets v see all that was written. The writer's.
func (v *Version) See() { v.Chunks, v.Count = *v.Delta.chunks.Load(), v.Delta.count }

// Find returns the row of a key that is alive in v, or NoRef.
func (v *Version) Find(key tables.Key) Ref {
	hash := hashKey(key)
	first := v.Base.index.first(hash) // on its way while the delta is searched
	if entry, _ := v.Delta.newest(key, hash); entry >= 0 {
		// Entries that v does not see may be in chunks that it does not hold.
		chunks := *v.Delta.chunks.Load()
		r := DeltaRef | Ref(entry)
		for r.InDelta() && r.Row() >= v.Count {
			r = prev(chunks, r.Row())
		}
		switch {
		case r == NoRef:
			return NoRef
		case r.InDelta():
			if c, i := At(chunks, r.Row()); c.Gone[i] {
				return NoRef
			}
		}
		return r // of the base: alive, since what superseded it is not seen yet
	}
	if row := v.Base.findFrom(first, key, hash); row >= 0 {
		return Ref(row)
	}
	return NoRef
}

// BroughtBy returns the partition whose record brought a key's row, when that is in the delta, or says
// that the row is in the base. It is for the goroutine that writes.
func (v *Version) BroughtBy(key tables.Key) (partition int32, inDelta, inBase bool) {
	hash := hashKey(key)
	if entry, _ := v.Delta.newest(key, hash); entry >= 0 {
		c, i := At(*v.Delta.chunks.Load(), entry)
		if c.Gone[i] {
			return 0, false, false
		}
		return c.Part[i], true, false
	}
	return 0, false, v.Base.find(key, hash) >= 0
}

// Value returns a row's value in a column.
func (v *Version) Value(r Ref, col int) tables.Value {
	if !r.InDelta() {
		return v.Base.Cols[col].Value(r.Row())
	}
	c, i := At(v.Chunks, r.Row())
	return c.Cols[col].Value(v.Layout.Types[col], v.Layout.Forms[col], i)
}

// AppendKey appends the key of a row.
func (v *Version) AppendKey(dst []byte, r Ref) []byte {
	for _, c := range v.Layout.Key {
		dst = tables.AppendKey(dst, v.Value(r, c))
	}
	return dst
}

// AppendValues appends all values of a row.
func (v *Version) AppendValues(dst []tables.Value, r Ref) []tables.Value {
	return v.AppendColumns(dst, v.Layout.all, r)
}

// AppendColumns appends a row's values of some columns.
func (v *Version) AppendColumns(dst []tables.Value, cols []int, r Ref) []tables.Value {
	if !r.InDelta() {
		return v.Base.appendRow(dst, cols, r.Row())
	}
	for _, c := range cols {
		dst = append(dst, v.Value(r, c))
	}
	return dst
}

// Alive returns the rows of a block of the base, or of a chunk of the delta, that
// are alive in v.
func (v *Version) Alive(block int, inDelta bool, m *column.Mask) {
	if !inDelta {
		m.Fill(0, min(v.Base.Rows-block*column.BlockRows, column.BlockRows))
		v.Tombstones.remove(block, v.Clock, m)
		return
	}
	m.Fill(0, min(v.Count-block*column.BlockRows, column.BlockRows))
	v.Chunks[block].tombstones.remove(v.Clock, m)
}

// Blocks returns how many chunks of the delta v has.
func (v *Version) Blocks() int { return len(v.Chunks) }

// Chunk returns a column of a chunk of the delta.
func (v *Version) Chunk(block, col int) *column.Chunk { return &v.Chunks[block].Cols[col] }

// Before reports whether an entry lies before a cut.
func (v *Version) Before(entry int, cut []int64) bool {
	ch, i := At(v.Chunks, entry)
	return ch.Offset[i] < 0 || ch.Offset[i] < tables.Position(cut).At(ch.Part[i])
}
