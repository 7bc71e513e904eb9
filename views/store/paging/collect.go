package paging

import (
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/stop"
)

// newCollector returns what keeps the first rows of an order, or of each group.
func newCollector(o *mvcc.Ordering, limit int, by *query.LimitBy, over stop.Signal) collector {
	switch {
	case by != nil:
		return newGrouped(o, limit, by, over)
	case limit >= 0 && limit <= MaxHeap:
		return &top{order: o, limit: limit, over: over}
	}
	return &runs{order: o, over: over}
}

// MaxHeap is the longest answer that is kept in a heap; a longer one is sorted.
const MaxHeap = 1 << 16
