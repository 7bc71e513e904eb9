package processors

import (
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// Goka's recovery ends with the record before the changelog's end. When there is no
// such record, since the cleaner has removed the last tombstones of a quiet table or
// a transaction has left its marker there, it would wait for ever. So a recovery that
// stands still is looked at: when the log proves to hold nothing more, it is ended.

// stillFor is how long a recovery must stand still to be looked at.
const stillFor = time.Second

// recoveryConsumer is the consumer that goka recovers with: shared by all runs, and
// remembered by this one.
type recoveryConsumer struct {
	sarama.Consumer
	run *run
}

// Close implements sarama.Consumer. The consumer is shared by all runs.
func (recoveryConsumer) Close() error { return nil }

// ConsumePartition implements sarama.Consumer.
func (c recoveryConsumer) ConsumePartition(topic string, partition int32, offset int64) (sarama.PartitionConsumer, error) {
	pc, err := c.Consumer.ConsumePartition(topic, partition, offset)
	if err != nil {
		return nil, err
	}
	c.run.recoveryNext.Store(offset)
	c.run.goBackground(func() { c.run.watchRecovery(pc) })
	return pc, nil
}

// recoveryMark is how far recovery has come.
type recoveryMark struct {
	recoveryNext atomic.Int64  // the next changelog offset
	recoveryEnd  atomic.Int64  // the one that recovery ends at
	recoveryDone chan struct{} // closed when it is complete
}

// watchRecovery ends a recovery that waits for records that are not there.
func (r *run) watchRecovery(pc sarama.PartitionConsumer) {
	tick := time.NewTicker(stillFor)
	defer tick.Stop()
	before := r.recoveryNext.Load()
	for {
		select {
		case <-r.workCtx.Done():
			return
		case <-r.recoveryDone:
			return
		case <-tick.C:
		}
		next, end := r.recoveryNext.Load(), r.recoveryEnd.Load()
		if next != before || next >= end {
			before = next
			continue
		}
		left, err := logread.Deliverable(r.workCtx, r.admin, kafka.Topic{Name: r.names.Table, ID: r.changelogID}, r.partition, next, end)
		if err != nil {
			r.logger.Warn("end of the changelog not looked at", "error", err)
		} else if !left && r.recoveryNext.Load() == next {
			r.logger.Info("the changelog's last records are gone: recovery is complete", "last", next-1, "end", end)
			pc.AsyncClose()
			return
		}
	}
}
