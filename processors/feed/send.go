package feed

import (
	"context"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/pending"
)

// sendEntry hands an entry to goka under the key that its change has in the table.
func (f *Feeder) sendEntry(ctx context.Context, e *pending.Entry) bool {
	switch {
	case e.Action == pending.Truncate:
		f.run.Gate.hold(e.Offset)
	case f.opts.Source.Partitions > 1 && e.MayWait():
		f.run.Gate.hold(e.Offset)
		f.holdOver.Reset(f.opts.ImageWait)
	}
	return f.send(ctx, &sarama.ConsumerMessage{
		Topic: f.opts.Source.Name, Partition: f.opts.Partition, Offset: e.Offset,
		Key: []byte(e.Change.Key), Timestamp: e.Raw.Time,
	})
}

func (f *Feeder) sendControl(ctx context.Context, e *pending.Entry) bool {
	e.Cut = f.Next()
	value := e.Raw.Value
	if value == nil {
		value = []byte{}
	}
	return f.send(ctx, &sarama.ConsumerMessage{Topic: f.opts.Control, Partition: f.opts.Partition, Offset: e.Offset, Value: value})
}

// SendEvent queues an event for the callback's goroutine, in order with the messages.
func (f *Feeder) SendEvent(ctx context.Context, e bus.Event) bool {
	offset, key := e.Carried()
	return f.send(ctx, &sarama.ConsumerMessage{
		Topic: f.opts.Control, Partition: f.opts.Partition, Offset: offset, Key: key, Value: []byte{0},
	})
}

func (f *Feeder) send(ctx context.Context, m *sarama.ConsumerMessage) bool {
	select {
	case f.run.Messages <- m:
		return true
	default:
	}
	select {
	case f.run.Messages <- m:
		return true
	case <-ctx.Done():
		return false
	}
}
