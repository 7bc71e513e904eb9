package store

import (
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// A ref names a row of a generation: of its base, or an entry of its delta.
type ref uint32

const (
	deltaRef ref = 1 << 31
	noRef    ref = deltaRef - 1
)

func (r ref) inDelta() bool { return r&deltaRef != 0 }
func (r ref) row() int      { return int(r &^ deltaRef) }

// delta is the append-only log of the changes since the base. There is one writer.
// A reader uses the entries below the count of its version.
type delta struct {
	layout *layout
	chunks atomic.Pointer[[]*chunk]
	index  atomic.Pointer[deltaIndex]
	count  int // the writer's
	bytes  atomic.Int64
}

func newDelta(l *layout) *delta {
	d := &delta{layout: l}
	d.chunks.Store(&[]*chunk{})
	d.index.Store(newDeltaIndex(firstDeltaSlots))
	return d
}

func at(chunks []*chunk, entry int) (*chunk, int) {
	return chunks[entry>>column.BlockBits], entry & (column.BlockRows - 1)
}

// appendKey appends the key of an entry.
func (d *delta) appendKey(dst []byte, chunks []*chunk, entry int) []byte {
	c, i := at(chunks, entry)
	for _, k := range d.layout.key {
		dst = tables.AppendKey(dst, c.cols[k].Value(d.layout.types[k], d.layout.forms[k], i))
	}
	return dst
}

// newest returns the newest entry of a key, or -1, and the place of its slot in the
// index. Readers of older versions go back from it by prev.
func (d *delta) newest(key tables.Key, hash uint64) (entry, slot int) {
	if c := d.layout.intKey; c >= 0 && len(key) == 9 {
		want := uint64(keyInt(key))
		return d.index.Load().find(hash, func(e int) bool {
			ch, i := at(*d.chunks.Load(), e)
			return ch.cols[c].Ints[i] == want && ch.cols[c].States[i] == column.Present
		})
	}
	return d.index.Load().find(hash, func(e int) bool {
		var buf [64]byte
		return string(d.appendKey(buf[:0], *d.chunks.Load(), e)) == string(key)
	})
}

// prev returns what an entry superseded: an older entry, a row of the base, or
// noRef when the key was not there.
func prev(chunks []*chunk, entry int) ref {
	c, i := at(chunks, entry)
	return ref(c.prev[i])
}

// room returns the chunk and place of the next entry.
func (d *delta) room() (*chunk, int) {
	chunks := *d.chunks.Load()
	if d.count>>column.BlockBits == len(chunks) {
		c := newChunk(d.layout)
		grown := append(chunks, c) // readers hold shorter slices of the same array
		d.chunks.Store(&grown)
		return c, 0
	}
	return at(chunks, d.count)
}

// commit makes the entry that room was asked for findable under its key.
func (d *delta) commit(hash uint64, slot int, known bool) {
	x := d.index.Load()
	x.set(slot, hash, d.count)
	d.count++
	if !known {
		if x.used++; x.used*4 > len(x.slots)*3 {
			d.index.Store(x.grown())
		}
	}
	if d.count&(column.BlockRows-1) == 0 {
		c, _ := at(*d.chunks.Load(), d.count-1)
		c.makeOrders(d.layout)
		d.bytes.Add(c.bytes())
	}
}

func (d *delta) kill(entry int, version uint32) {
	c, i := at(*d.chunks.Load(), entry)
	c.tombstones.kill(i, version)
}

// memory returns the bytes of the delta.
func (d *delta) memory() int64 {
	n := d.bytes.Load() + int64(8*len(d.index.Load().slots))
	if chunks := *d.chunks.Load(); len(chunks) > 0 {
		n += chunks[len(chunks)-1].bytes()
	}
	return n
}
