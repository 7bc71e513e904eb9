package aggregate

import (
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// batchOfRows are some rows of one block, or all of them.
type batchOfRows struct {
	v       *mvcc.Version
	block   int
	inDelta bool
	// all is set when at is every place of a block of the base: then rows that are
	// not wanted are among them too, and have the group nowhere.
	all     bool
	at      []uint16
	scratch *[column.BlockRows]int64
}

func (b *batchOfRows) ref(i int) mvcc.Ref { return mvcc.RefOf(b.block, int(b.at[i]), b.inDelta) }

// packed returns the column's values of the whole block, when b is all of it.
func (b *batchOfRows) packed(col int) (*column.Packed, int) {
	return &b.v.Base.Cols[col].Ints, b.block << column.BlockBits
}

// ints returns the rows' int64s of a column. Those of null rows mean nothing.
func (b *batchOfRows) ints(col int) []int64 {
	out := b.scratch[:len(b.at)]
	switch p, from := b.packed(col); {
	case b.inDelta:
		ints := b.v.Chunks[b.block].Cols[col].Ints
		for i, at := range b.at {
			out[i] = int64(ints[at])
		}
	case b.all:
		p.Unpack(b.block, b.scratch)
	case p.W8 != nil:
		gather(out, p.W8[from:from+column.BlockRows], b.at, p.Low)
	case p.W16 != nil:
		gather(out, p.W16[from:from+column.BlockRows], b.at, p.Low)
	case p.W32 != nil:
		gather(out, p.W32[from:from+column.BlockRows], b.at, p.Low)
	case p.W64 != nil:
		gather(out, p.W64[from:from+column.BlockRows], b.at, p.Low)
	default: // of odd widths, or all one
		for i, at := range b.at {
			out[i] = p.At(from + int(at))
		}
	}
	return out
}

func gather[T column.Unsigned](dst []int64, src []T, at []uint16, low int64) {
	src, at = src[:column.BlockRows], at[:len(dst)]
	for i := range dst {
		dst[i] = low + int64(src[at[i]&(column.BlockRows-1)])
	}
}

// nullable reports whether rows of the block may be null in a column.
func (b *batchOfRows) nullable(col int) bool { return b.inDelta || b.v.Base.Cols[col].Valid != nil }

// isNull reports whether the i-th of the rows is null in a column.
func (b *batchOfRows) isNull(col, i int) bool {
	at := int(b.at[i])
	if b.inDelta {
		return b.v.Chunks[b.block].Cols[col].States[at] != column.Present
	}
	return b.v.Base.Cols[col].IsNull(b.block<<column.BlockBits | at)
}
