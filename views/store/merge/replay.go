package merge

import (
	"context"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// Replay applies v's entries from from to to that the merge has left.
func (m *Merge) Replay(ctx context.Context, w *mvcc.Writer, v *mvcc.Version, from, to int) error {
	var values []tables.Value
	for entry := from; entry < to; entry++ {
		if entry&(column.BlockRows-1) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if m.took(v, entry) {
			continue
		}
		ch, i := mvcc.At(v.Chunks, entry)
		r := mvcc.DeltaRef | mvcc.Ref(entry)
		c := mvcc.Change{Partition: ch.Part[i], Offset: ch.Offset[i], Key: tables.Key(v.AppendKey(nil, r))}
		if !ch.Gone[i] {
			values = v.AppendValues(values[:0], r)
			c.Values = values
		}
		w.Apply(&c)
	}
	return nil
}
