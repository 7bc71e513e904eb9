package store

import (
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// intSetOf returns the distinct values, ascending. Either zero of a float brings both.
func intSetOf(values []tables.Value) intSet {
	out := make([]int64, 0, len(values))
	for _, v := range values {
		out = append(out, column.IntOf(v))
		if v.Kind() == tables.Float64 && v.Float() == 0 {
			out = append(out, column.NegativeZero, 0)
		}
	}
	slices.Sort(out)
	return intSet{slices.Compact(out)}
}
