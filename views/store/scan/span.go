package scan

import (
	"iter"

	"github.com/tidemark/tidemark/views/store/column"
)

// Span is a range of rows of a base, from inclusive, to exclusive.
type Span struct{ From, To int }

// RowsOf counts the rows of spans.
func RowsOf(spans []Span) (n int) {
	for _, s := range spans {
		n += s.To - s.From
	}
	return n
}

// Blocks yields the blocks that a span of the base has rows of, in its order or from its
// end, each with the part of the span that lies in it.
func (p Span) Blocks(down bool) iter.Seq2[int, Span] {
	return func(yield func(block int, part Span) bool) {
		first, last := p.From>>column.BlockBits, (p.To-1)>>column.BlockBits
		for n := range last - first + 1 {
			block := first + n
			if down {
				block = last - n
			}
			if !yield(block, Span{max(p.From, block<<column.BlockBits), min(p.To, (block+1)<<column.BlockBits)}) {
				return
			}
		}
	}
}

// Morsel is what a goroutine takes at a time.
type Morsel struct {
	Span
	inDelta bool
}
