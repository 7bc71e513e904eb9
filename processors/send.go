package processors

import (
	"context"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/pending"
)

// sendEntry hands an entry to goka under the key that its change has in the table.
func (f *feeder) sendEntry(ctx context.Context, e *pending.Entry) bool {
	c := f.c
	switch {
	case e.Action == pending.Truncate:
		f.gate.hold(e.Offset)
	case c.partitions > 1 && e.MayWait():
		f.gate.hold(e.Offset)
		f.holdOver.Reset(c.opts.ImageWait)
	}
	return f.send(ctx, &sarama.ConsumerMessage{
		Topic: c.sourceTopic, Partition: c.partition, Offset: e.Offset,
		Key: []byte(e.Change.Key), Timestamp: e.Raw.Time,
	})
}

func (f *feeder) sendControl(ctx context.Context, e *pending.Entry) bool {
	e.Cut = f.fedNext()
	value := e.Raw.Value
	if value == nil {
		value = []byte{}
	}
	return f.send(ctx, &sarama.ConsumerMessage{Topic: f.c.names.Batch, Partition: f.c.partition, Offset: e.Offset, Value: value})
}

// sendEvent tells the callback's goroutine something, in its place among the messages.
func (f *feeder) sendEvent(ctx context.Context, e bus.Event) bool {
	offset, key := e.Carried()
	return f.send(ctx, &sarama.ConsumerMessage{
		Topic: f.c.names.Batch, Partition: f.c.partition, Offset: offset, Key: key, Value: []byte{0},
	})
}

func (f *feeder) send(ctx context.Context, m *sarama.ConsumerMessage) bool {
	select {
	case f.messages <- m:
		return true
	default:
	}
	select {
	case f.messages <- m:
		return true
	case <-ctx.Done():
		return false
	}
}
