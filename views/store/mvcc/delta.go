package mvcc

import (
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// A ref names a row of a generation: of its base, or an entry of its delta.
type Ref uint32

const (
	DeltaRef Ref = 1 << 31
	NoRef    Ref = DeltaRef - 1
)

// InDelta reports whether the row is an entry of the delta.
func (r Ref) InDelta() bool { return r&DeltaRef != 0 }

// Row returns the place in the base or in the delta.
func (r Ref) Row() int { return int(r &^ DeltaRef) }

// RefOf names a row by its block.
func RefOf(block, i int, inDelta bool) Ref {
	r := Ref(block<<column.BlockBits | i)
	if inDelta {
		r |= DeltaRef
	}
	return r
}

// Delta is the append-only log of the changes since the base. There is one writer.
// A reader uses the entries below the count of its version.
type Delta struct {
	layout *Layout
	chunks atomic.Pointer[[]*Chunk]
	index  atomic.Pointer[deltaIndex]
	count  int // the writer's
	bytes  atomic.Int64
}

// NewDelta returns an empty one.
func NewDelta(l *Layout) *Delta {
	d := &Delta{layout: l}
	d.chunks.Store(&[]*Chunk{})
	d.index.Store(newDeltaIndex(firstDeltaSlots))
	return d
}

// At returns the chunk and the place of an entry.
func At(chunks []*Chunk, entry int) (*Chunk, int) {
	return chunks[entry>>column.BlockBits], entry & (column.BlockRows - 1)
}

// appendKey appends the key of an entry.
func (d *Delta) appendKey(dst []byte, chunks []*Chunk, entry int) []byte {
	c, i := At(chunks, entry)
	for _, k := range d.layout.Key {
		dst = tables.AppendKey(dst, c.Cols[k].Value(d.layout.Types[k], d.layout.Forms[k], i))
	}
	return dst
}

// newest returns the newest entry of a key, or -1, and the place of its slot in the
// index. Readers of older versions go back from it by prev.
func (d *Delta) newest(key tables.Key, hash uint64) (entry, slot int) {
	if c := d.layout.intKey; c >= 0 && len(key) == 9 {
		want := uint64(keyInt(key))
		return d.index.Load().find(hash, func(e int) bool {
			ch, i := At(*d.chunks.Load(), e)
			return ch.Cols[c].Ints[i] == want && ch.Cols[c].States[i] == column.Present
		})
	}
	return d.index.Load().find(hash, func(e int) bool {
		var buf [64]byte
		return string(d.appendKey(buf[:0], *d.chunks.Load(), e)) == string(key)
	})
}

// prev returns what an entry superseded: an older entry, a row of the base, or
// NoRef when the key was not there.
func prev(chunks []*Chunk, entry int) Ref {
	c, i := At(chunks, entry)
	return Ref(c.Prev[i])
}

// room returns the chunk and place of the next entry.
func (d *Delta) room() (*Chunk, int) {
	chunks := *d.chunks.Load()
	if d.count>>column.BlockBits == len(chunks) {
		c := newChunk(d.layout)
		grown := append(chunks, c) // readers hold shorter slices of the same array
		d.chunks.Store(&grown)
		return c, 0
	}
	return At(chunks, d.count)
}

// commit makes the entry that room was asked for findable under its key.
func (d *Delta) commit(hash uint64, slot int, known bool) {
	x := d.index.Load()
	x.set(slot, hash, d.count)
	d.count++
	if !known {
		if x.used++; x.used*4 > len(x.slots)*3 {
			d.index.Store(x.grown())
		}
	}
	if d.count&(column.BlockRows-1) == 0 {
		c, _ := At(*d.chunks.Load(), d.count-1)
		c.makeOrders(d.layout)
		d.bytes.Add(c.bytes())
	}
}

func (d *Delta) kill(entry int, version uint32) {
	c, i := At(*d.chunks.Load(), entry)
	c.tombstones.kill(i, version)
}

// Memory returns the bytes of the delta.
func (d *Delta) Memory() int64 {
	n := d.bytes.Load() + int64(8*len(d.index.Load().slots))
	if chunks := *d.chunks.Load(); len(chunks) > 0 {
		n += chunks[len(chunks)-1].bytes()
	}
	return n
}
