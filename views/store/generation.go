package store

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// generation is a base and everything that happened to it since. A merge makes the
// next one; readers keep theirs for as long as they need it.
type generation struct {
	layout     *layout
	base       *base
	tombstones *tombstones
	delta      *delta
}

func newGeneration(b *base) *generation {
	return &generation{layout: b.layout, base: b, tombstones: newTombstones(b.rows), delta: newDelta(b.layout)}
}

// version is what one reader sees: the first count entries of the delta, and every
// row that was not dead at the clock. It never changes.
type version struct {
	*generation
	chunks   []*chunk
	count    int
	clock    uint32 // counts the changes of this generation; 0 sees the base alone
	rows     int
	number   uint64 // counts the changes of the store
	batch    uint64
	position tables.Position
}

// find returns the row of a key that is alive in v, or noRef.
func (v *version) find(key tables.Key) ref {
	hash := hashKey(key)
	first := v.base.index.first(hash) // on its way while the delta is searched
	if entry, _ := v.delta.newest(key, hash); entry >= 0 {
		// Entries that v does not see may be in chunks that it does not hold.
		chunks := *v.delta.chunks.Load()
		r := deltaRef | ref(entry)
		for r.inDelta() && r.row() >= v.count {
			r = prev(chunks, r.row())
		}
		switch {
		case r == noRef:
			return noRef
		case r.inDelta():
			if c, i := at(chunks, r.row()); c.gone[i] {
				return noRef
			}
		}
		return r // of the base: alive, since what superseded it is not seen yet
	}
	if row := v.base.findFrom(first, key, hash); row >= 0 {
		return ref(row)
	}
	return noRef
}

// value returns a row's value in a column.
func (v *version) value(r ref, col int) tables.Value {
	if !r.inDelta() {
		return v.base.cols[col].Value(r.row())
	}
	c, i := at(v.chunks, r.row())
	return c.cols[col].Value(v.layout.types[col], v.layout.forms[col], i)
}

func (v *version) appendKey(dst []byte, r ref) []byte {
	for _, c := range v.layout.key {
		dst = tables.AppendKey(dst, v.value(r, c))
	}
	return dst
}

func (v *version) appendValues(dst []tables.Value, r ref) []tables.Value {
	return v.appendColumns(dst, v.layout.all, r)
}

// appendColumns appends a row's values of some columns.
func (v *version) appendColumns(dst []tables.Value, cols []int, r ref) []tables.Value {
	if !r.inDelta() {
		return v.base.appendRow(dst, cols, r.row())
	}
	for _, c := range cols {
		dst = append(dst, v.value(r, c))
	}
	return dst
}

// alive returns the rows of a block of the base, or of a chunk of the delta, that
// are alive in v.
func (v *version) alive(block int, inDelta bool, m *column.Mask) {
	if !inDelta {
		m.Fill(0, min(v.base.rows-block*column.BlockRows, column.BlockRows))
		v.tombstones.remove(block, v.clock, m)
		return
	}
	m.Fill(0, min(v.count-block*column.BlockRows, column.BlockRows))
	v.chunks[block].tombstones.remove(v.clock, m)
}
