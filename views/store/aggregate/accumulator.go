package aggregate

import "github.com/tidemark/tidemark/tables"

// nowhere is the group of rows that are not wanted; real groups begin behind it.
const nowhere = 0

// accumulator holds one aggregate of every group. What it has of the group nowhere
// means nothing.
type accumulator interface {
	grow(groups int)
	// add takes the rows of b; groups are theirs.
	add(b *batchOfRows, groups []uint32)
	// merge takes what o has of each of its groups; to are their numbers here.
	merge(o accumulator, to []uint32)
	value(group int) (tables.Value, error)
}

func extend[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	return append(s, make([]T, n-len(s))...)
}

// sizes are the rows of each group; a group of rows that were dead has none.
type sizes struct{ n []int64 }
