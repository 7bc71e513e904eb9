package mvcc

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// Base is a sorted, immutable set of rows: a batch, or what was compacted since.
// Rows are in the order of the sort key, nulls last, then of the key.
type Base struct {
	Layout   *Layout
	Rows     int
	Cols     []column.Column
	index    *baseIndex
	Indexes  map[int]*column.ValueIndex // of the columns that are declared with one
	Checksum uint64                     // sum of the rows' hashes
	// Changelog says per partition which changes are in the base: those before it.
	Changelog []int64
}

// EmptyBase returns one without rows.
func EmptyBase(l *Layout) *Base {
	b := &Base{Layout: l, Cols: make([]column.Column, len(l.Types))}
	for i := range b.Cols {
		b.Cols[i] = column.Column{Type: l.Types[i], Form: l.Forms[i]}
		if l.Forms[i] == column.FormText {
			b.Cols[i].Dict = &column.Dictionary{}
		}
	}
	b.index = newBaseIndex(0)
	return b
}

func (b *Base) appendKey(dst []byte, row int) []byte {
	for _, c := range b.Layout.Key {
		dst = tables.AppendKey(dst, b.Cols[c].Value(row))
	}
	return dst
}

// find returns the row of a key, alive or not, or -1.
func (b *Base) find(key tables.Key, hash uint64) int {
	return b.findFrom(b.index.first(hash), key, hash)
}

// findFrom is find with the first slot of the index.
func (b *Base) findFrom(first uint32, key tables.Key, hash uint64) int {
	if c := b.Layout.intKey; c >= 0 && len(key) == 9 {
		want, col := keyInt(key), &b.Cols[c]
		return b.index.find(first, hash, func(row int) bool { return col.Ints.At(row) == want && !col.IsNull(row) })
	}
	return b.index.find(first, hash, func(row int) bool {
		var buf [64]byte
		return string(b.appendKey(buf[:0], row)) == string(key)
	})
}

// keyInt returns the value of a key that is one int64.
func keyInt(k tables.Key) int64 {
	var u uint64
	for i := 1; i < 9; i++ {
		u = u<<8 | uint64(k[i])
	}
	return int64(u ^ 1<<63)
}

// Bytes returns what the columns and indexes take in memory.
func (b *Base) Bytes() int64 {
	n := int64(4 * len(b.index.slots))
	for _, x := range b.Indexes {
		n += x.Rows.Bytes()
	}
	for i := range b.Cols {
		n += b.Cols[i].Bytes()
	}
	return n
}

// RowHash returns the hash of a row.
func (b *Base) RowHash(h *Hasher, row int) uint64 {
	return h.Hash(b.Layout, func(c int) tables.Value { return b.Cols[c].Value(row) })
}
