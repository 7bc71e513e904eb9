package processors

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/gokaglue"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/recovery"
)

// process recovers the table and processes messages until the context is over or something
// fails. Goka calls back, one after the other, in the order in which the feeder sends.
func (r *run) process(ctx context.Context) error {
	return gokaglue.Run(ctx, gokaglue.Options{
		Group: string(r.names.Group), Partition: r.partition, Partitions: r.partitions,
		Source: r.sourceTopic, Control: r.names.Batch, Changelog: r.names.Table, Messages: r.messages,
		Open: func() (gokaglue.State, error) {
			st, err := r.openState()
			if err != nil {
				return nil, err
			}
			return st, nil
		},
		Closing: r.stopBackground,
		Recover: r.onRecover, EndsAt: r.rows.StartAt, Recovered: r.recovered,
		OnSource: r.onSource, OnControl: r.onControl, Commit: r.commit,
		Offsets: r.offsets, Recovery: r.recovery,
		Left: func(ctx context.Context, from, end int64) (bool, error) {
			return logread.Deliverable(ctx, r.admin, kafka.Topic{Name: r.names.Table, ID: r.changelogID}, r.partition, from, end)
		},
		Events: r.events, Logger: r.logger,
	})
}

// onSource is called for a source record. The message carries no value: its decoded change
// waits in the queue, under its offset.
func (r *run) onSource(m gokaglue.Message) error {
	e := r.queue.Take(m.Offset())
	if e == nil {
		return fmt.Errorf("offset %d was fed to goka but is not in the queue", m.Offset())
	}
	switch e.Action {
	case pending.Fold:
		return r.applier.Apply(m.Key(), m, e)
	case pending.DeadLetter:
		r.deadLetter(e, m.DeferCommit())
	case pending.Truncate:
		return r.truncate(e, m.DeferCommit())
	}
	return nil
}

// onControl is called for a record of the control topic, and for what the feeder makes up.
func (r *run) onControl(m gokaglue.Message, value []byte) error {
	if bus.IsEvent(m.Offset()) {
		return r.bus.Event(m.Offset(), m.Key(), m)
	}
	done := m.DeferCommit()
	e := r.feeder.Controls().Take(m.Offset())
	if e == nil {
		done(nil)
		return fmt.Errorf("control record %d was fed to goka but is not in the queue", m.Offset())
	}
	return r.bus.Record(m.Offset(), e.Cut, value, done)
}

// onRecover is called for a changelog record during recovery.
func (r *run) onRecover(rec gokaglue.Record) error {
	return r.recoverer.Take(&recovery.Record{
		Offset: rec.Offset, Key: rec.Key, Value: rec.Value, Written: rec.Written,
		Stamp: rec.Headers[wire.StampName], Says: rec.Headers[wire.DeletionName], BeforeImage: rec.Headers[wire.ImageName],
	})
}
