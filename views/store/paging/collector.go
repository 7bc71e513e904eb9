package paging

import "github.com/tidemark/tidemark/views/store/mvcc"

// collector takes rows in any order and keeps the first ones of an ordering.
type collector interface {
	add(e mvcc.Entry)
	// worst returns the last entry kept when only earlier ones are still wanted.
	worst() *mvcc.Entry
	// merge adds what another collector of the same query has kept.
	merge(collector)
	// sorted returns what was kept, in order.
	sorted() []mvcc.Entry
}
