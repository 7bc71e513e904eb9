package processors

import (
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/apply"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/keychange"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/truncate"
)

// Here the parts of a run that handle changes, control records and typed events are made, each
// with what it needs of the run.

// newBus makes the bus of the run, with all who deal with control records and events.
func (r *run) newBus() *bus.Bus {
	b := bus.New(bus.Options{
		Finish:     func(offset int64) error { return r.store.SetControl(r.feeder.Controls().Finish(offset)) },
		Unreadable: func(at int64, err error) { r.noteUnreadable(r.names.Batch, at, err) },
		Begin:      r.goBackground,
		Fail:       r.stop,
	})
	r.cutter.Register(b)
	r.truncates.Register(b)
	r.giving.Register(b)
	r.asker.Register(b)
	r.answerer.Register(b)
	r.filling.Register(b)
	r.newRetrier().Register(b)
	b.On(bus.Repair, r.applier.Repair)
	r.redelivery.Register(b)
	return b
}

// newApplier makes what folds changes into the rows of the partition. It is of the goroutine that folds.
func (r *run) newApplier() *apply.Applier {
	return apply.New(apply.Options{
		Partitions: r.partitions, Fingerprint: r.fingerprint, Exceeds: r.limit.exceeds, Rules: r.rules,
		Rows: r.rows, Truncates: r.truncates, BeforeImages: r.beforeImages, Asker: r.asker, Answerer: r.answerer, Dead: r.deadLetter,
		Events: r.events, Metrics: r.metrics.folding, FilledLate: r.metrics.keyChanges.Inserts.WithLabelValues(keychange.FilledLate),
	})
}

// newKeyChanges makes what carries values along with a change of key.
func (r *run) newKeyChanges() (*keychange.BeforeImages, *keychange.Asker, *keychange.Answerer) {
	return keychange.New(keychange.Options{
		Topic: r.names.Batch, Partition: r.partition, Partitions: r.partitions, Fingerprint: r.fingerprint, Columns: r.columns,
		Wait: r.opts.ImageWait, Send: r.rows.Send, End: r.sourceEnd, Clock: r.opts.Clock, UntilOver: r.untilOver,
		ReadAgain: r.fillLate, Look: r.gate.Look, Fail: r.stop, Events: r.events, Metrics: r.metrics.keyChanges,
	})
}

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
