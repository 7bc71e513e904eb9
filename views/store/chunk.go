package store

import (
	"sync/atomic"
	"unsafe"

	"github.com/tidemark/tidemark/tables"
)

// chunk is one block of the delta. The writer fills its rows in order and they
// never move; a reader only looks at rows below the count of its version.
type chunk struct {
	cols   []chunkColumn
	grave  graveBlock
	prev   [blockRows]uint32            // what the row superseded: see delta.prev
	offset [blockRows]int64             // in the changelog
	part   [blockRows]int32             // of the changelog
	gone   [blockRows]bool              // the entry removes its key
	orders []atomic.Pointer[chunkOrder] // by the place in layout.ordered; once the chunk is full
}

// chunkColumn has the values of one column. Which slices are set depends on the form.
type chunkColumn struct {
	states []uint8
	ints   []uint64 // int64s, reinterpreted
	his    []int64
	los    []uint64
	ends   []uint64 // where each text ends in buf
	// buf is published again whenever it has to grow; a reader's buf has at least
	// the texts of its rows, and those are never written again.
	buf atomic.Pointer[[]byte]
}

func newChunk(l *layout) *chunk {
	c := &chunk{cols: make([]chunkColumn, len(l.forms)), orders: make([]atomic.Pointer[chunkOrder], len(l.ordered))}
	for i, f := range l.forms {
		col := &c.cols[i]
		col.states = make([]uint8, blockRows)
		switch f {
		case formInt:
			col.ints = make([]uint64, blockRows)
		case formWide:
			col.his, col.los = make([]int64, blockRows), make([]uint64, blockRows)
		case formText:
			col.ends = make([]uint64, blockRows)
			col.buf.Store(&[]byte{})
		}
	}
	return c
}

// put writes a value into row i, which follows the last one written.
func (c *chunkColumn) put(f form, i int, v tables.Value) {
	c.states[i] = stateOf(v)
	switch f {
	case formInt:
		if !v.IsNull() {
			c.ints[i] = uint64(intOf(v))
		}
	case formWide:
		if !v.IsNull() {
			w := wideOf(v)
			c.his[i], c.los[i] = w.hi, w.lo
		}
	case formText:
		c.putText(i, v.Str())
	}
}

func (c *chunkColumn) putText(i int, s string) {
	at := c.start(i)
	end := at + uint64(len(s))
	c.ends[i] = end
	if len(s) == 0 {
		return
	}
	buf := *c.buf.Load()
	if end > uint64(len(buf)) {
		room := max(2*uint64(len(buf)), 1<<10)
		if i > 64 { // the rest of the chunk will be like its beginning
			room = end / uint64(i+1) * (blockRows + blockRows/16)
		}
		room = max(end, min(room, end+end/4+maxRoom)) // unless a few texts are far larger than the others
		grown := make([]byte, room)
		copy(grown, buf[:at])
		copy(grown[at:], s)
		c.buf.Store(&grown)
		return
	}
	copy(buf[at:], s)
}

// maxRoom is how many bytes a column of a chunk takes ahead, beyond a fourth of what it has.
const maxRoom = 32 << 20

func (c *chunkColumn) start(i int) uint64 {
	if i == 0 {
		return 0
	}
	return c.ends[i-1]
}

// text returns the text of row i, which aliases the column and never changes.
func (c *chunkColumn) text(i int) string {
	from, to := c.start(i), c.ends[i]
	if from == to {
		return ""
	}
	return unsafe.String(&(*c.buf.Load())[from], int(to-from))
}

func (c *chunkColumn) wide(i int) wide { return wide{c.his[i], c.los[i]} }

func (c *chunkColumn) value(t tables.Type, f form, i int) tables.Value {
	switch c.states[i] {
	case null:
		return tables.Value{}
	case unavailable:
		return tables.UnavailableValue()
	}
	switch f {
	case formInt:
		return valueOfInt(t, int64(c.ints[i]))
	case formWide:
		return valueOfWide(t, c.wide(i))
	}
	return valueOfText(t, c.text(i))
}

func (c *chunk) bytes() int64 {
	n := int64(unsafe.Sizeof(*c)) + int64(len(c.orders)*blockRows*2)
	for i := range c.cols {
		col := &c.cols[i]
		n += int64(len(col.states) + 8*len(col.ints) + 8*len(col.his) + 8*len(col.los) + 8*len(col.ends))
		if b := col.buf.Load(); b != nil {
			n += int64(len(*b))
		}
	}
	return n
}
