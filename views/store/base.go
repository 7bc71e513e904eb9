package store

import (
	"sync/atomic"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

// base is a sorted, immutable set of rows: a batch, or what was folded since.
// Rows are in the order of the sort key, nulls last, then of the key.
type base struct {
	layout   *layout
	rows     int
	cols     []column
	index    *baseIndex
	checksum uint64 // sum of the rows' hashes
	// changelog says per partition which changes are in the base: those before it.
	changelog []int64
	batch     *Batch // nil when the base is no batch
}

func emptyBase(l *layout) *base {
	b := &base{layout: l, cols: make([]column, len(l.types))}
	for i := range b.cols {
		b.cols[i] = column{typ: l.types[i], form: l.forms[i]}
		if l.forms[i] == formText {
			b.cols[i].dict = &dictionary{}
		}
	}
	b.index = newBaseIndex(0)
	return b
}

func (b *base) appendKey(dst []byte, row int) []byte {
	for _, c := range b.layout.key {
		dst = tables.AppendKey(dst, b.cols[c].value(row))
	}
	return dst
}

// find returns the row of a key, alive or not, or -1.
func (b *base) find(key tables.Key, hash uint64) int {
	if c := b.layout.intKey; c >= 0 && len(key) == 9 {
		want, col := keyInt(key), &b.cols[c]
		return b.index.find(hash, func(row int) bool { return col.ints.at(row) == want && !col.isNull(row) })
	}
	return b.index.find(hash, func(row int) bool {
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
	h.bytes = codecs.AppendValues(h.bytes[:0], h.values)
	return codecs.RowHash(tables.Key(h.key), h.bytes)
}

func (b *base) rowHash(h *hasher, row int) uint64 {
	return h.hash(b.layout, func(c int) tables.Value { return b.cols[c].value(row) })
}

// sum computes the checksum of all rows from the columns.
func (b *base) sum(cores int) uint64 {
	var total atomic.Uint64
	inParallel(cores, b.rows, 1<<14, func(from, to int) {
		var h hasher
		var part uint64
		for row := from; row < to; row++ {
			part += b.rowHash(&h, row)
		}
		total.Add(part)
	})
	return total.Load()
}

func (b *base) bytes() int64 {
	n := int64(4 * len(b.index.slots))
	for i := range b.cols {
		n += b.cols[i].bytes()
	}
	return n
}

// grave holds, per block of a base, at which version each row was superseded.
// Blocks come to be with their first dead row.
type grave struct {
	blocks []atomic.Pointer[[blockRows]uint32]
	bytes  atomic.Int64
}

func newGrave(rows int) *grave {
	return &grave{blocks: make([]atomic.Pointer[[blockRows]uint32], blocksFor(rows))}
}

// kill marks a row as dead from version at on. The writer's.
func (g *grave) kill(row int, at uint32) {
	p := &g.blocks[row>>blockBits]
	b := p.Load()
	if b == nil {
		b = new([blockRows]uint32)
		p.Store(b)
		g.bytes.Add(4 * blockRows)
	}
	atomic.StoreUint32(&b[row&(blockRows-1)], at)
}

// deadAt reports whether a row is dead for a reader of version at.
func (g *grave) deadAt(row int, at uint32) bool {
	b := g.blocks[row>>blockBits].Load()
	if b == nil {
		return false
	}
	dead := atomic.LoadUint32(&b[row&(blockRows-1)])
	return dead != 0 && dead <= at
}

// remove takes the rows of a block that are dead at a version out of m.
func (g *grave) remove(block int, at uint32, m *mask) {
	b := g.blocks[block].Load()
	if b == nil || at == 0 {
		return
	}
	removeDead(b, at, m)
}

func removeDead(dead *[blockRows]uint32, at uint32, m *mask) {
	for w := range m {
		if m[w] == 0 {
			continue
		}
		var buried uint64
		for i := range 64 {
			// dead-1 < at exactly when 0 < dead <= at.
			if atomic.LoadUint32(&dead[w*64+i])-1 < at {
				buried |= 1 << i
			}
		}
		m[w] &^= buried
	}
}
