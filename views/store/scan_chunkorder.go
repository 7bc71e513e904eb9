package store

import (
	"cmp"
	"slices"
	"sort"

	"github.com/tidemark/tidemark/views/store/column"
)

// chunkOrder are the entries of a full chunk in the order of an int64 column, the first
// of the sort key or one with an index, without those that are null there. With it, a
// query for a few values of the column does not look at the whole delta.
type chunkOrder []uint16

// maxDeltaRanges is how many ranges are sooner searched for in each chunk than
// compared with each entry.
const maxDeltaRanges = 128

// orderedColumns returns the columns that chunks are ordered by.
func orderedColumns(l *layout) []int {
	var out []int
	for i, col := range append([]int{l.sort[0]}, allColumns(len(l.forms))...) {
		if l.forms[col] == column.FormInt && (i == 0 || col != l.sort[0] && l.table.Columns[col].Index) {
			out = append(out, col)
		}
	}
	return out
}

func allColumns(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// makeOrders makes the chunk's orders.
func (c *chunk) makeOrders(l *layout) {
	for k, n := range l.ordered {
		col := &c.cols[n]
		order := make(chunkOrder, 0, column.BlockRows)
		for i := range column.BlockRows {
			if col.States[i] == column.Present && !c.gone[i] {
				order = append(order, uint16(i))
			}
		}
		slices.SortFunc(order, func(a, b uint16) int { return cmp.Compare(int64(col.Ints[a]), int64(col.Ints[b])) })
		c.orders[k].Store(&order)
	}
}

// mark marks the entries whose value is within one of the ranges.
func (o chunkOrder) mark(col *column.Chunk, ranges []intRange, m *column.Mask) {
	for _, r := range ranges {
		from := sort.Search(len(o), func(i int) bool { return int64(col.Ints[o[i]]) >= r.low })
		for _, i := range o[from:] {
			if int64(col.Ints[i]) > r.high {
				break
			}
			m[i>>6] |= 1 << (i & 63)
		}
	}
}

// deltaRange is what the filter admits of a column that chunks are ordered by.
type deltaRange struct {
	order  int // the place in layout.ordered
	ranges []intRange
}

// deltaRange returns the column that is sooner searched for in each chunk than all entries
// are looked at: the one that the rows of the base are found by, or any.
func (l *layout) deltaRange(leaves map[int][]leaf, preferred int) *deltaRange {
	var out *deltaRange
	for k, col := range l.ordered {
		if ranges, ok := deltaRanges(leaves[col]); ok && (out == nil || col == preferred) {
			out = &deltaRange{k, ranges}
		}
	}
	return out
}

// deltaRanges returns what leaves of an int64 column admit, when these are few ranges.
func deltaRanges(leaves []leaf) ([]intRange, bool) {
	var best []intRange
	for _, leaf := range leaves {
		if leaf.not || leaf.nulls {
			continue
		}
		var out []intRange
		switch t := leaf.test.(type) {
		case intRange:
			out = []intRange{t}
		case intSet:
			if len(t.values) > maxDeltaRanges {
				continue
			}
			for _, x := range t.values {
				out = append(out, intRange{x, x})
			}
		default:
			continue
		}
		if best == nil || len(out) <= len(best) {
			best = out
		}
	}
	return best, best != nil
}
