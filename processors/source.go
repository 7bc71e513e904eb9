package processors

import (
	"context"
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/topicwatch"
)

// openSource begins to read the source partition where the queue ends, unless it is
// being read already. Messages come from a consumer of its own, not from the group's
// claim: a group that waits for a dead member would stop them.
func (f *feeder) openSource(ctx context.Context) error {
	if f.source != nil {
		return nil
	}
	c := f.c
	now, err := topicwatch.Describe(ctx, c.admin, c.sourceTopic)
	if err != nil {
		return err
	}
	if err := now.Since(kafka.Topic{Name: c.sourceTopic, Partitions: c.partitions, ID: c.sourceID}); err != nil {
		return err
	}
	if err := c.checkStart(); err != nil {
		return err
	}
	next := c.queue.ReadNext()
	pc, err := c.data.ConsumePartition(c.sourceTopic, c.partition, next)
	if err != nil {
		return fmt.Errorf("read %s/%d from offset %d: %w", c.sourceTopic, c.partition, next, err)
	}
	f.source = pc
	return nil
}

// checkStart reports records that are gone before they were read, and goes on with
// the first that is there.
func (c *claim) checkStart() error {
	oldest, err := c.offsets.GetOffset(c.sourceTopic, c.partition, sarama.OffsetOldest)
	if err != nil {
		return fmt.Errorf("oldest offset of %s/%d: %w", c.sourceTopic, c.partition, err)
	}
	next := c.queue.ReadNext()
	if next >= oldest {
		return nil
	}
	if next > 0 || c.committed {
		lost := &LostRecordsError{Topic: c.sourceTopic, Partition: c.partition, Next: next, Start: oldest}
		c.logger.Error("records lost", "error", lost)
		c.metrics.reading.lost.Add(float64(oldest - next))
		c.status.lost(c.partition, lost)
	}
	c.queue.SkipTo(oldest)
	return nil
}

// closeSource gives the consumer of the source partition back.
func (f *feeder) closeSource() {
	if f.source == nil {
		return
	}
	closePartition(f.source)
	f.source = nil
}

// idle reports whether everything that was read of the source has been taken.
func (f *feeder) idle() bool { return len(f.source.Messages()) == 0 }

func closePartition(pc sarama.PartitionConsumer) {
	pc.AsyncClose()
	for range pc.Messages() { //nolint:revive // drained, so that it can close
	}
	for range pc.Errors() { //nolint:revive // as above
	}
}
