package processors

import (
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// A changelog may have lost records: somebody has deleted them, or its policy was another
// for a time. Who has a local state does not need them. Who has none recovers what is left,
// and that is not the table: the source is read again then, from its start, beside what was
// recovered. Where the source has lost its beginning, too, the rows are those of both.

// mendHole has the source read again when a recovery without a local state has met a
// changelog that is not whole.
func (r *run) mendHole() error {
	if !r.recoverer.fresh || r.filling != nil || r.hole != "" {
		return nil
	}
	r.recoverer.fresh = false
	why, err := r.findHole()
	if err != nil || why == "" {
		return err
	}
	r.hole = why
	r.metrics.refilled.Inc()
	r.logger.Error("changelog has lost records: the partition is read again from the start of the source", "reason", why)
	r.health.Tell(tables.Trouble{Reason: tables.Building, Text: why + ": the source is read again from its start"})
	r.assignment.Restart()
	r.feeder.closeSource()
	r.readFrom(0)
	r.progress.Restart()
	return r.feeder.openSource(r.ctx)
}

// findHole says what the changelog has lost, if anything. A topic that is only compacted
// begins at 0 with Kafka; a broker that moves its start costs a needless reading.
func (r *run) findHole() (string, error) {
	oldest, err := r.offsets.GetOffset(r.names.Table, r.partition, sarama.OffsetOldest)
	if err != nil {
		return "", fmt.Errorf("start of %s/%d: %w", r.names.Table, r.partition, err)
	}
	if oldest > 0 {
		return fmt.Sprintf("the changelog of partition %d begins at %d", r.partition, oldest), nil
	}
	if !r.hasBatch || r.previous.Changelog == 0 {
		return "", nil
	}
	cut, err := r.store.Batches.Cut()
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
	if rows+marked < r.previous.Rows {
		return fmt.Sprintf("the changelog of partition %d has %d rows, %d keys have changed since batch %d, and that had %d",
			r.partition, rows, marked, r.previous.Batch, r.previous.Rows), nil
	}
	return "", nil
}

// noteRefill ends what was told when the source has been read again as far as it was.
func (r *run) noteRefill() {
	if r.hole != "" && r.queue.Watermark() > r.replayUntil {
		r.hole = ""
		r.health.Clear(tables.Building)
		r.logger.Info("partition has been read again")
	}
}
