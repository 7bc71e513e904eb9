package processors

import (
	"context"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// lookForFirstEnd notes when all is done that the source had when it was first looked at: what
// was counted up to then says whether the table can be read. Markers of transactions may be
// the last of it.
func (r *run) lookForFirstEnd(ctx context.Context) {
	if r.health.reached.Load() {
		return
	}
	if !r.knowsFirstEnd() {
		return // not told yet, or nothing is there to be read
	}
	if next := r.queue.watermark(); next < r.firstEnd {
		if next != r.queue.readNext() || len(r.source.Messages()) > 0 {
			return
		}
		topic := kafka.Topic{Name: r.sourceTopic, ID: r.sourceID}
		if left, err := logread.Deliverable(ctx, r.admin, topic, r.partition, next, r.firstEnd); left || err != nil {
			return
		}
	}
	r.health.reached.Store(true)
}

// meetFirstEnd does so without a look, where dead letters begin before somebody looks. The feeder calls it for each record.
func (r *run) meetFirstEnd(e *entry) {
	if r.knowsFirstEnd() && e.action == doDead && !r.health.reached.Load() && r.queue.watermark() >= r.firstEnd {
		r.health.reached.Store(true)
	}
}

// knowsFirstEnd asks what the source had, until that is told.
func (r *run) knowsFirstEnd() bool {
	if r.firstEnd == 0 {
		r.firstEnd = r.source.HighWaterMarkOffset()
	}
	return r.firstEnd > 0
}
