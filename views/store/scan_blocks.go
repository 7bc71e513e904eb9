package store

import (
	"iter"

	"github.com/tidemark/tidemark/views/store/column"
)

// blocks yields the blocks that a span of the base has rows of, in its order or from its
// end, each with the part of the span that lies in it.
func (p span) blocks(down bool) iter.Seq2[int, span] {
	return func(yield func(block int, part span) bool) {
		first, last := p.from>>column.BlockBits, (p.to-1)>>column.BlockBits
		for n := range last - first + 1 {
			block := first + n
			if down {
				block = last - n
			}
			if !yield(block, span{max(p.from, block<<column.BlockBits), min(p.to, (block+1)<<column.BlockBits)}) {
				return
			}
		}
	}
}

// part marks the rows of a part of a block that are alive and meet the filter. It reports
// false for a block that was passed over, since none of its rows can.
func (s *scan) part(block int, p span, m *column.Mask) bool {
	if s.without(block) {
		s.passed.Add(1)
		return false
	}
	m.Fill(p.from-block<<column.BlockBits, p.to-block<<column.BlockBits)
	s.read.Add(int64(p.to - p.from))
	s.matches(block, false, m)
	return true
}
