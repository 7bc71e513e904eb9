package store

import (
	"sync/atomic"
	"unsafe"

	"github.com/tidemark/tidemark/views/store/column"
)

// chunk is one block of the delta. The writer fills its rows in order and they
// never move; a reader only looks at rows below the count of its version.
type chunk struct {
	cols       []column.Chunk
	tombstones tombstoneBlock
	prev       [column.BlockRows]uint32     // what the row superseded: see delta.prev
	offset     [column.BlockRows]int64      // in the changelog
	part       [column.BlockRows]int32      // of the changelog
	gone       [column.BlockRows]bool       // the entry removes its key
	orders     []atomic.Pointer[chunkOrder] // by the place in layout.ordered; once the chunk is full
}

func newChunk(l *layout) *chunk {
	c := &chunk{cols: make([]column.Chunk, len(l.forms)), orders: make([]atomic.Pointer[chunkOrder], len(l.ordered))}
	for i, f := range l.forms {
		col := &c.cols[i]
		col.States = make([]uint8, column.BlockRows)
		switch f {
		case column.FormInt:
			col.Ints = make([]uint64, column.BlockRows)
		case column.FormWide:
			col.His, col.Los = make([]int64, column.BlockRows), make([]uint64, column.BlockRows)
		case column.FormText:
			col.Ends = make([]uint64, column.BlockRows)
			col.Buf.Store(&[]byte{})
		}
	}
	return c
}

func (c *chunk) bytes() int64 {
	n := int64(unsafe.Sizeof(*c)) + int64(len(c.orders)*column.BlockRows*2)
	for i := range c.cols {
		col := &c.cols[i]
		n += int64(len(col.States) + 8*len(col.Ints) + 8*len(col.His) + 8*len(col.Los) + 8*len(col.Ends))
		if b := col.Buf.Load(); b != nil {
			n += int64(len(*b))
		}
	}
	return n
}
