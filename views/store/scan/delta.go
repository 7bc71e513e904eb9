package scan

import (
	"github.com/tidemark/tidemark/views/store/filter"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// maxDeltaRanges is how many ranges are sooner searched for in each chunk than
// compared with each entry.
const maxDeltaRanges = 128

// deltaRange is what the filter admits of a column that chunks are ordered by.
type deltaRange struct {
	order  int // the place in Layout.Ordered
	ranges []filter.IntRange
}

// deltaRangeOf returns the column that is sooner searched for in each chunk than all entries
// are looked at: the one that the rows of the base are found by, or any.
func deltaRangeOf(l *mvcc.Layout, leaves map[int][]filter.Leaf, preferred int) *deltaRange {
	var out *deltaRange
	for k, col := range l.Ordered {
		if ranges, ok := deltaRanges(leaves[col]); ok && (out == nil || col == preferred) {
			out = &deltaRange{k, ranges}
		}
	}
	return out
}

// deltaRanges returns what leaves of an int64 column admit, when these are few ranges.
func deltaRanges(leaves []filter.Leaf) ([]filter.IntRange, bool) {
	var best []filter.IntRange
	for _, leaf := range leaves {
		if leaf.Not || leaf.Nulls {
			continue
		}
		var out []filter.IntRange
		switch t := leaf.Test.(type) {
		case filter.IntRange:
			out = []filter.IntRange{t}
		case filter.IntSet:
			if len(t.Values) > maxDeltaRanges {
				continue
			}
			for _, x := range t.Values {
				out = append(out, filter.IntRange{Low: x, High: x})
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
