package store

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// base is a sorted, immutable set of rows: a batch, or what was compacted since.
// Rows are in the order of the sort key, nulls last, then of the key.
type base struct {
	layout   *layout
	rows     int
	cols     []column.Column
	index    *baseIndex
	indexes  map[int]*column.ValueIndex // of the columns that are declared with one
	checksum uint64                     // sum of the rows' hashes
	// changelog says per partition which changes are in the base: those before it.
	changelog []int64
	batch     *Batch // nil when the base is no batch
}

func emptyBase(l *layout) *base {
	b := &base{layout: l, cols: make([]column.Column, len(l.types))}
	for i := range b.cols {
		b.cols[i] = column.Column{Type: l.types[i], Form: l.forms[i]}
		if l.forms[i] == column.FormText {
			b.cols[i].Dict = &column.Dictionary{}
		}
	}
	b.index = newBaseIndex(0)
	return b
}

func (b *base) appendKey(dst []byte, row int) []byte {
	for _, c := range b.layout.key {
		dst = tables.AppendKey(dst, b.cols[c].Value(row))
	}
	return dst
}

// find returns the row of a key, alive or not, or -1.
func (b *base) find(key tables.Key, hash uint64) int {
	return b.findFrom(b.index.first(hash), key, hash)
}

// findFrom is find with the first slot of the index.
func (b *base) findFrom(first uint32, key tables.Key, hash uint64) int {
	if c := b.layout.intKey; c >= 0 && len(key) == 9 {
		want, col := keyInt(key), &b.cols[c]
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

// hasher computes row hashes with buffers of its own.
type hasher struct {
	values     []tables.Value
	key, bytes []byte
}

func (h *hasher) hash(l *layout, value func(col int) tables.Value) uint64 {
	h.values = h.values[:0]
	for c := range l.types {
		h.values = append(h.values, value(c))
	}
	h.key = l.appendKeyOf(h.key[:0], h.values)
	h.bytes = wire.AppendValues(h.bytes[:0], h.values)
	return wire.RowHash(tables.Key(h.key), h.bytes)
}

func (b *base) rowHash(h *hasher, row int) uint64 {
	return h.hash(b.layout, func(c int) tables.Value { return b.cols[c].Value(row) })
}

func (b *base) bytes() int64 {
	n := int64(4 * len(b.index.slots))
	for _, x := range b.indexes {
		n += x.Rows.Bytes()
	}
	for i := range b.cols {
		n += b.cols[i].Bytes()
	}
	return n
}
