package recovery

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

// A changelog may have lost records: somebody has deleted them, or its policy was another
// for a time. Who has a local state does not need them. Who has none recovers what is left,
// and that is not the table: the source is read again then, from its start, beside what was
// recovered. Where the source has lost its beginning, too, the rows are those of both.

// Hole says what a partition's changelog has lost, if anything, which begins at an offset and is in the state.
// batch is the partition's newest manifest, nil when there is none. A topic that is only compacted
// begins at 0 with Kafka; a broker that moves its start costs a needless reading.
func Hole(s *state.Store, partition int32, oldest int64, batch *wire.Manifest) (string, error) {
	if oldest > 0 {
		return fmt.Sprintf("the changelog of partition %d begins at %d", partition, oldest), nil
	}
	if batch == nil || batch.Changelog == 0 {
		return "", nil
	}
	cut, err := s.Batches.Cut()
	if err != nil {
		return "", err
	}
	defer cut.Release()
	marked, rows, err := cut.Counts(func(_, b []byte) (bool, error) {
		row, err := wire.ParseStateRow(b)
		return err == nil && !row.Hidden, nil //nolint:nilerr // such a row does not count
	})
	if err != nil {
		return "", err
	}
	if rows+marked < batch.Rows {
		return fmt.Sprintf("the changelog of partition %d has %d rows, %d keys have changed since batch %d, and that had %d",
			partition, rows, marked, batch.Batch, batch.Rows), nil
	}
	return "", nil
}
