package gokaglue

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/events"
)

// Goka's recovery ends with the record before the changelog's end. When there is no
// such record, since the cleaner has removed the last tombstones of a quiet table or
// a transaction has left its marker there, it would wait for ever. So a recovery that
// makes no progress is looked at: when the log proves to hold nothing more, it is ended.

// stillFor is how long a recovery must make no progress to be looked at.
const stillFor = time.Second

// recovery is the consumer that goka recovers with, and how far that has come. The consumer
// itself is shared by all runs.
type recovery struct {
	sarama.Consumer
	opts  *Options
	ctx   context.Context
	next  atomic.Int64  // the next changelog offset
	until atomic.Int64  // the one that recovery ends at
	done  chan struct{} // closed when it is complete
	all   sync.WaitGroup
}

func newRecovery(ctx context.Context, o *Options) *recovery {
	return &recovery{Consumer: o.Recovery, opts: o, ctx: ctx, done: make(chan struct{})}
}

// end says that recovery is complete.
func (r *recovery) end() { close(r.done) }

// join waits for who watches. The context must be over.
func (r *recovery) join() { r.all.Wait() }

// Close implements sarama.Consumer. The consumer is shared by all runs.
func (r *recovery) Close() error { return nil }

// ConsumePartition implements sarama.Consumer.
func (r *recovery) ConsumePartition(topic string, partition int32, offset int64) (sarama.PartitionConsumer, error) {
	pc, err := r.Consumer.ConsumePartition(topic, partition, offset)
	if err != nil {
		return nil, err
	}
	r.next.Store(offset)
	r.all.Go(func() { r.watch(pc) })
	return pc, nil
}

// watch ends a recovery that waits for records that are not there.
func (r *recovery) watch(pc sarama.PartitionConsumer) {
	tick := time.NewTicker(stillFor)
	defer tick.Stop()
	before := r.next.Load()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-r.done:
			return
		case <-tick.C:
		}
		next, end := r.next.Load(), r.until.Load()
		if next != before || next >= end {
			before = next
			continue
		}
		left, err := r.opts.Left(r.ctx, next, end)
		if err != nil {
			r.opts.Events.ChangelogEndNotSeen(events.ChangelogEndNotSeen{Err: err})
		} else if !left && r.next.Load() == next {
			r.opts.Events.RecoveryCut(events.RecoveryCut{Last: next - 1, End: end})
			pc.AsyncClose()
			return
		}
	}
}
