package column

import (
	"sync/atomic"
	"unsafe"

	"github.com/tidemark/tidemark/tables"
)

// Chunk has the values of one column. Which slices are set depends on the form.
type Chunk struct {
	States []uint8
	Ints   []uint64 // int64s, reinterpreted
	His    []int64
	Los    []uint64
	Ends   []uint64 // where each text ends in buf
	// Buf is published again whenever it has to grow; a reader's buf has at least
	// the texts of its rows, and those are never written again.
	Buf atomic.Pointer[[]byte]
}

// Put writes a value into row i, which follows the last one written.
func (c *Chunk) Put(f Form, i int, v tables.Value) {
	c.States[i] = stateOf(v)
	switch f {
	case FormInt:
		if !v.IsNull() {
			c.Ints[i] = uint64(IntOf(v))
		}
	case FormWide:
		if !v.IsNull() {
			w := WideOf(v)
			c.His[i], c.Los[i] = w.Hi, w.Lo
		}
	case FormText:
		c.putText(i, v.Str())
	}
}

func (c *Chunk) putText(i int, s string) {
	at := c.start(i)
	end := at + uint64(len(s))
	c.Ends[i] = end
	if len(s) == 0 {
		return
	}
	buf := *c.Buf.Load()
	if end > uint64(len(buf)) {
		room := max(2*uint64(len(buf)), 1<<10)
		if i > 64 { // the rest of the chunk will be like its beginning
			room = end / uint64(i+1) * (BlockRows + BlockRows/16)
		}
		room = max(end, min(room, end+end/4+maxRoom)) // unless a few texts are far larger than the others
		grown := make([]byte, room)
		copy(grown, buf[:at])
		copy(grown[at:], s)
		c.Buf.Store(&grown)
		return
	}
	copy(buf[at:], s)
}

// maxRoom is how many bytes a column of a chunk takes ahead, beyond a fourth of what it has.
const maxRoom = 32 << 20

func (c *Chunk) start(i int) uint64 {
	if i == 0 {
		return 0
	}
	return c.Ends[i-1]
}

// Text returns the text of row i, which aliases the column and never changes.
func (c *Chunk) Text(i int) string {
	from, to := c.start(i), c.Ends[i]
	if from == to {
		return ""
	}
	return unsafe.String(&(*c.Buf.Load())[from], int(to-from))
}

// Wide returns the value of row i, whose form is FormWide.
func (c *Chunk) Wide(i int) Wide { return Wide{c.His[i], c.Los[i]} }

// Value returns the value of row i as one of its type.
func (c *Chunk) Value(t tables.Type, f Form, i int) tables.Value {
	switch c.States[i] {
	case Null:
		return tables.Value{}
	case Unavailable:
		return tables.UnavailableValue()
	}
	switch f {
	case FormInt:
		return ValueOfInt(t, int64(c.Ints[i]))
	case FormWide:
		return ValueOfWide(t, c.Wide(i))
	}
	return ValueOfText(t, c.Text(i))
}
