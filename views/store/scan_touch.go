package store

import "github.com/tidemark/tidemark/views/store/column"

// Rows here and there in a large base are not in the processor's caches, and a loop that does
// much with each row waits for them one after the other. Touching the values first, in a loop
// that does nothing else, lets it wait for many of them at once.

// touchRows is how many rows are touched at a time: their lines of several columns stay in
// the second cache.
const touchRows = 256

// touchBase is how many rows a base has at least for touching to pay.
const touchBase = 1 << 16

// touch reads whether the rows were superseded at all.
//
//go:noinline
func (g *tombstones) touch(rows []uint32) (sum uint64) {
	for _, row := range rows {
		if b := g.blocks[row>>column.BlockBits].Load(); b != nil {
			sum += b.dead[row>>6%column.BlockWords].Load()
		}
	}
	return sum
}

// touch touches the rows of an answer that lie in the base, in its columns, when they
// are some and lie here and there.
func (r *Result) touch() {
	base := r.order.v.base
	if len(r.refs) < 8 || base.rows < touchBase {
		return
	}
	rows := make([]uint32, 0, min(len(r.refs), touchRows))
	for _, e := range r.refs[:cap(rows)] {
		if !e.ref.inDelta() {
			rows = append(rows, uint32(e.ref.row()))
		}
	}
	for _, o := range r.Outputs {
		base.cols[o.Column].Touch(rows)
	}
}
