package processors

import (
	"context"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/pending"
)

// lookForFirstEnd notes when all is done that the source had when it was first looked at: what
// was counted up to then says whether the table can be read. Markers of transactions may be
// the last of it.
func (f *feeder) lookForFirstEnd(ctx context.Context) {
	if f.c.health.Reached() {
		return
	}
	if !f.knowsFirstEnd() {
		return // not told yet, or nothing is there to be read
	}
	if next := f.c.queue.Watermark(); next < f.firstEnd {
		if next != f.c.queue.ReadNext() || !f.idle() {
			return
		}
		topic := kafka.Topic{Name: f.c.sourceTopic, ID: f.c.sourceID}
		if left, err := logread.Deliverable(ctx, f.c.admin, topic, f.c.partition, next, f.firstEnd); left || err != nil {
			return
		}
	}
	f.c.health.SetReached()
}

// meetFirstEnd does so without a look, where dead letters begin before somebody looks. It is called for each record.
func (f *feeder) meetFirstEnd(e *pending.Entry) {
	if f.knowsFirstEnd() && e.Action == pending.DeadLetter && !f.c.health.Reached() && f.c.queue.Watermark() >= f.firstEnd {
		f.c.health.SetReached()
	}
}

// knowsFirstEnd asks what the source had, until that is told.
func (f *feeder) knowsFirstEnd() bool {
	if f.firstEnd == 0 {
		f.firstEnd = f.source.HighWaterMarkOffset()
	}
	return f.firstEnd > 0
}
