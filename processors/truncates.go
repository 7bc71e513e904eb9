package processors

import (
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/truncate"
)

// newTruncates makes what empties the partition. It is of the goroutine that folds.
func (r *run) newTruncates() *truncate.Truncates {
	return truncate.New(truncate.Options{
		Topic: r.names.Batch, Partition: r.partition, Partitions: r.partitions, Repartitioned: r.repartitioner != nil,
		Rows: r.rows, End: r.sourceEnd, Clock: r.opts.Clock, UntilOver: r.untilOver, Later: r.later, Alive: r.ctx.Err,
		Events: r.events,
	})
}

// sourceEnd is the next offset of the source partition.
func (c *claim) sourceEnd() (int64, error) {
	end, err := c.offsets.GetOffset(c.sourceTopic, c.partition, sarama.OffsetNewest)
	if err != nil {
		return 0, fmt.Errorf("offsets of %s/%d: %w", c.sourceTopic, c.partition, err)
	}
	return end, nil
}

// truncate empties the table for an entry.
func (r *run) truncate(e *pending.Entry, done func(error)) error {
	return r.truncates.Meet(&truncate.Event{
		Offset: e.Offset, Read: e.Raw.Time, Time: e.Change.Time, Source: e.Change.Source,
		Partition: e.Raw.Partition, SourceOffset: e.Raw.Offset, Alone: e.Alone,
	}, done)
}
