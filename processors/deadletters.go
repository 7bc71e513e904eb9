package processors

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/seed"
)

// Dead letters of a run: package deadletter keeps them and answers for them, and here they are written and folded.

// rereadTimeout bounds how long a record is waited for that is read once more.
const rereadTimeout = 30 * time.Second

// newRetrier makes what answers requests about the partition's dead letters.
func (r *run) newRetrier() *deadletter.Retrier {
	return deadletter.NewRetrier(deadletter.Options{
		Names: r.names, Table: r.opts.Table.Name, Source: r.sourceTopic, Partition: r.partition, Repartitioned: r.repartitioner != nil,
		Read: func(topic string, partition int32, offset int64) (*kgo.Record, error) {
			ctx, cancel := context.WithTimeout(r.workCtx, rereadTimeout)
			defer cancel()
			return logread.One(ctx, r.admin, topic, partition, offset)
		},
		KnownFrom: func() (int64, error) { return r.deletionsKnownFrom(r.workCtx) },
		Bring:     r.retry,
		Send:      r.rows.Send, Begin: r.goBackground, Later: r.later, Settled: func(at, deadLetters int64) { r.feeder.Controls().Settle(at, deadLetters) },
		Clock: r.opts.Clock, Events: r.events,
	})
}

// deadLetter writes the source record as it was read, with the reason, to the
// partition of the same number. done is called with the acknowledgement: the record is
// not committed before.
func (r *run) deadLetter(e *pending.Entry, done func(error)) {
	r.events.DeadLetter(events.DeadLetter{Offset: e.Offset, Field: e.Field, Reason: e.Reason})
	deadLetter := deadletter.Refusal{Raw: &e.Raw, Field: e.Field, Reason: e.Reason, KeyedOffset: -1}
	if r.repartitioner != nil {
		deadLetter.KeyedOffset = e.Offset
	}
	rec := deadletter.Record(&deadLetter, r.names.DeadLetters, r.partition, r.opts.Table.Name, r.opts.Kafka.MaxRecordBytes(), r.opts.Clock())
	r.rows.Send(rec, done)
}

// deletionsKnownFrom is the source offset from which every deletion is known. It asks the
// brokers, once for each request.
func (c *claim) deletionsKnownFrom(ctx context.Context) (int64, error) {
	began, err := c.generationFrom(ctx)
	if err != nil {
		return 0, err
	}
	kept, err := c.deletionsKeptFrom()
	return max(kept, began), err
}

// deletionsKeptFrom is the source offset from which every deletion is still known:
// they are kept by the time of their records, which does not quite rise with the offset.
func (c *claim) deletionsKeptFrom() (int64, error) {
	at := c.opts.Clock().Add(-c.opts.KeepDeletions * 5 / 6)
	from, err := c.offsets.GetOffset(c.sourceTopic, c.partition, at.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("offset of %s/%d by time: %w", c.sourceTopic, c.partition, err)
	}
	if from < 0 {
		from = c.queue.Watermark()
	}
	return from, nil
}

// generationFrom is the source offset from which this generation of the table has read:
// it knows of no deletion before.
func (c *claim) generationFrom(ctx context.Context) (int64, error) {
	if c.opts.Table.Generation == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, rereadTimeout)
	defer cancel()
	all, err := seed.Records(ctx, c.admin, c.names.Progress)
	if err != nil {
		return 0, err
	}
	return all[c.partition].From, nil
}

// keepDeadLetters copies the previous generation's dead letters that were neither retried nor dropped, of records before
// the stretch that is read again.
func (c *claim) keepDeadLetters(ctx context.Context, older kafka.Names, before int64, send func(kgo.Record, func(error))) error {
	client, err := c.opts.Kafka.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	n, err := deadletter.Keep(ctx, deadletter.Old{
		Client: client, From: older.DeadLetters, To: c.names.DeadLetters,
		Source: c.sourceTopic, Partition: c.partition, Before: before, Clock: c.opts.Clock, Send: send,
	})
	if n > 0 && err == nil { // once, however often it was tried
		c.health.Source.More(health.Counts{DeadLetters: int64(n)})
		c.events.DeadLettersKept(events.DeadLettersKept{Count: n})
	}
	return err
}
