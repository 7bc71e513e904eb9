package mvcc

import (
	"cmp"
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/tidemark/tidemark/views/store/column"
)

// Chunk is one block of the delta. The writer fills its rows in order and they
// never move; a reader only looks at rows below the count of its version.
type Chunk struct {
	Cols       []column.Chunk
	tombstones tombstoneBlock
	Prev       [column.BlockRows]uint32     // what the row superseded: see Delta.prev
	Offset     [column.BlockRows]int64      // in the changelog
	Part       [column.BlockRows]int32      // of the changelog
	Gone       [column.BlockRows]bool       // the entry removes its key
	Orders     []atomic.Pointer[ChunkOrder] // by the place in Layout.Ordered; once the chunk is full
}

func newChunk(l *Layout) *Chunk {
	c := &Chunk{Cols: make([]column.Chunk, len(l.Forms)), Orders: make([]atomic.Pointer[ChunkOrder], len(l.Ordered))}
	for i, f := range l.Forms {
		col := &c.Cols[i]
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

func (c *Chunk) bytes() int64 {
	n := int64(unsafe.Sizeof(*c)) + int64(len(c.Orders)*column.BlockRows*2)
	for i := range c.Cols {
		col := &c.Cols[i]
		n += int64(len(col.States) + 8*len(col.Ints) + 8*len(col.His) + 8*len(col.Los) + 8*len(col.Ends))
		if b := col.Buf.Load(); b != nil {
			n += int64(len(*b))
		}
	}
	return n
}

// makeOrders makes the chunk's orders.
func (c *Chunk) makeOrders(l *Layout) {
	for k, n := range l.Ordered {
		col := &c.Cols[n]
		order := make(ChunkOrder, 0, column.BlockRows)
		for i := range column.BlockRows {
			if col.States[i] == column.Present && !c.Gone[i] {
				order = append(order, uint16(i))
			}
		}
		slices.SortFunc(order, func(a, b uint16) int { return cmp.Compare(int64(col.Ints[a]), int64(col.Ints[b])) })
		c.Orders[k].Store(&order)
	}
}
