package feed

import (
	"context"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/pending"
)

// lookForFirstEnd notes when all is done that the source had when it was first looked at: what
// was counted up to then says whether the table can be read. Markers of transactions may be
// the last of it.
func (f *Feeder) lookForFirstEnd(ctx context.Context) {
	if f.opts.Health.Reached() {
		return
	}
	if !f.knowsFirstEnd() {
		return // not known yet, or nothing is there to be read
	}
	if next := f.opts.Queue.Watermark(); next < f.firstEnd {
		if next != f.opts.Queue.ReadNext() || !f.Idle() {
			return
		}
		topic := kafka.Topic{Name: f.opts.Source.Name, ID: f.opts.Source.ID}
		if left, err := logread.Deliverable(ctx, f.opts.Admin, topic, f.opts.Partition, next, f.firstEnd); left || err != nil {
			return
		}
	}
	f.opts.Health.SetReached()
}

// meetFirstEnd does so without a look, where dead letters begin before somebody looks. It is called for each record.
func (f *Feeder) meetFirstEnd(e *pending.Entry) {
	if f.knowsFirstEnd() && e.Action == pending.DeadLetter && !f.opts.Health.Reached() && f.opts.Queue.Watermark() >= f.firstEnd {
		f.opts.Health.SetReached()
	}
}

// knowsFirstEnd asks for the end of the source, until there is an answer.
func (f *Feeder) knowsFirstEnd() bool {
	if f.firstEnd == 0 {
		f.firstEnd = f.source.HighWaterMarkOffset()
	}
	return f.firstEnd > 0
}
