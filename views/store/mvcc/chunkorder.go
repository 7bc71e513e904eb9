package mvcc

import (
	"sort"

	"github.com/tidemark/tidemark/views/store/column"
)

// ChunkOrder are the entries of a full chunk in the order of an int64 column, the first
// of the sort key or one with an index, without those that are null there. With it, a
// query for a few values of the column does not look at the whole delta.
type ChunkOrder []uint16

// Mark marks the entries whose value is from low to high.
func (o ChunkOrder) Mark(col *column.Chunk, low, high int64, m *column.Mask) {
	from := sort.Search(len(o), func(i int) bool { return int64(col.Ints[o[i]]) >= low })
	for _, i := range o[from:] {
		if int64(col.Ints[i]) > high {
			break
		}
		m[i>>6] |= 1 << (i & 63)
	}
}
