package store

import (
	"cmp"
	"slices"
	"sort"
)

// chunkOrder are the entries of a full chunk in the order of the first column of the
// sort key, an int64 column, without those that are null there. With it, a query for
// a few values of the sort key does not look at the whole delta.
type chunkOrder []uint16

// maxDeltaRanges is how many ranges are sooner searched for in each chunk than
// compared with each entry.
const maxDeltaRanges = 128

// makeOrder makes the chunk's order, if its first sort column can have one.
func (c *chunk) makeOrder(l *layout) {
	if l.forms[l.sort[0]] != formInt {
		return
	}
	col := &c.cols[l.sort[0]]
	order := make(chunkOrder, 0, blockRows)
	for i := range blockRows {
		if col.states[i] == present && !c.gone[i] {
			order = append(order, uint16(i))
		}
	}
	slices.SortFunc(order, func(a, b uint16) int { return cmp.Compare(int64(col.ints[a]), int64(col.ints[b])) })
	c.order.Store(&order)
}

// mark marks the entries whose first sort column is within one of the ranges.
func (o chunkOrder) mark(col *chunkColumn, ranges []intRange, m *mask) {
	for _, r := range ranges {
		from := sort.Search(len(o), func(i int) bool { return int64(col.ints[o[i]]) >= r.low })
		for _, i := range o[from:] {
			if int64(col.ints[i]) > r.high {
				break
			}
			m[i>>6] |= 1 << (i & 63)
		}
	}
}

// deltaRanges returns what the filter admits of the first sort column, when it is an
// int64 column and these are few ranges.
func (l *layout) deltaRanges(leaves []leaf) ([]intRange, bool) {
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
