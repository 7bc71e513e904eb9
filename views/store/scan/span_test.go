package scan

import (
	"testing"

	"github.com/tidemark/tidemark/views/store/column"
)

// TestBlocksOfASpan cuts spans at blocks, from either end, without losing or repeating a row.
func TestBlocksOfASpan(t *testing.T) {
	const n = column.BlockRows
	for _, p := range []Span{{0, 1}, {0, n}, {n - 1, n + 1}, {5, 3*n + 7}, {n, 2 * n}, {2*n + 3, 2*n + 4}} {
		for _, down := range []bool{false, true} {
			next, end := p.From, p.To
			for block, part := range p.Blocks(down) {
				if part.From>>column.BlockBits != block || (part.To-1)>>column.BlockBits != block || part.From >= part.To {
					t.Fatalf("%v, down %v: block %d has the part %v", p, down, block, part)
				}
				if !down && part.From != next || down && part.To != end {
					t.Fatalf("%v, down %v: %v does not follow", p, down, part)
				}
				next, end = part.To, part.From
			}
			if !down && next != p.To || down && end != p.From {
				t.Fatalf("%v, down %v: rows are left", p, down)
			}
		}
	}
}
