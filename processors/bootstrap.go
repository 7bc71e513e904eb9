package processors

import (
	"context"
	"errors"
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/bootstrap"
	"github.com/tidemark/tidemark/processors/recovery"
	"github.com/tidemark/tidemark/processors/state"
)

// Here packages recovery and bootstrap, which make what a partition begins with, are given what they need of
// a claim, and of a run.

// newBootstrap makes what knows whether the partition is filled from an older generation.
func (c *claim) newBootstrap() *bootstrap.Partition {
	return bootstrap.New(bootstrap.Options{
		Plan: c.opts.Seed, Table: c.opts.Table, Kafka: c.opts.Kafka, Names: c.names, Admin: c.admin,
		Input:     kafka.Topic{Name: c.sourceTopic, Partitions: c.partitions, ID: c.sourceID},
		Changelog: c.changelogID, Partition: c.partition, Fingerprint: c.fingerprint,
		Source: reading{c}, Producer: c.writer, MaxAge: c.opts.StateMaxAge,
		Note: func(s wire.Bootstrap) {
			c.status.change(c.partition, func(p *PartitionStatus) { p.Seed = &s })
		},
		Exceeds: c.limit.exceeds, DeadLetters: c.keepDeadLetters, Unreadable: c.noteUnreadable,
		Clock: c.opts.Clock, Events: c.events, Metrics: c.metrics.filling,
	})
}

// newFilling makes the run's part in filling the partition.
func (r *run) newFilling() *bootstrap.Filling {
	return r.boot.Begin(bootstrap.Run{Rows: r.rows, Recovery: r.recoverer, Event: r.feeder.SendEvent, Alive: r.ctx.Err})
}

// newRecovery makes what applies the changelog to the state.
func (r *run) newRecovery() *recovery.Recovery {
	cut := state.Unknown
	if r.hasBatch {
		cut = r.previous.Changelog
	}
	return recovery.New(recovery.Options{
		Fingerprint: r.fingerprint, Batch: cut,
		Unreadable: func(offset int64, err error) { r.noteUnreadable(r.names.Table, offset, err) },
	})
}

// fill makes the table's rows from the older generation's. The source is open when it returns.
func (r *run) fill() error {
	if err := r.filling.Fill(r.ctx); err != nil {
		return err
	}
	r.noteStreamed(r.store)
	r.replayUntil = r.store.Applied()
	return r.feeder.Open(r.ctx)
}

// endReplay ends the reading of the source for a new generation, when that has come to its end.
// It reports whether the run goes on.
func (r *run) endReplay(ctx context.Context, next int64) (bool, error) {
	if !r.gate.Open() || !r.filling.Due(next) {
		return true, nil
	}
	r.drift.Forget() // what is of before
	ok, err := r.filling.End(ctx, next)
	if ok && err == nil {
		r.noteStreamed(r.store)
	}
	return ok, err
}

// reading is the source partition of a claim, as package bootstrap sees it.
type reading struct{ c *claim }

func (s reading) Span() (oldest, end int64, err error) { return s.c.span(s.c.sourceTopic) }
func (s reading) Done() int64                          { return s.c.queue.Watermark() }
func (s reading) Next() int64                          { return s.c.queue.ReadNext() }
func (s reading) Idle() bool                           { return s.c.feeder.Idle() }
func (s reading) SkipTo(offset int64)                  { s.c.queue.SkipTo(offset) }

func (s reading) ReadFrom(offset int64) {
	s.c.feeder.ReadFrom(offset)
	s.c.feeder.MissNothing() // what the source no longer has is in the older rows
}

// span returns the oldest offset that the partition of a topic has, and the one behind its end.
func (c *claim) span(topic string) (oldest, end int64, err error) {
	oldest, err1 := c.offsets.GetOffset(topic, c.partition, sarama.OffsetOldest)
	end, err2 := c.offsets.GetOffset(topic, c.partition, sarama.OffsetNewest)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, fmt.Errorf("offsets of %s/%d: %w", topic, c.partition, err)
	}
	return oldest, end, nil
}
