package processors

import (
	"context"
	"errors"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/rekey"
	"github.com/tidemark/tidemark/processors/seed"
)

// Where a source's own partitions do not tell the home of a key, its records are
// placed by their decoded keys first, and read from the topic where they then are. The
// changes keep the offsets of that topic; what is told to the outside is restored.

// openStage makes what places the source's records, or nil where nothing has to.
func (p *Processor) openStage(ctx context.Context, s *shared, input kafka.Topic) (*rekey.Stage, error) {
	if !p.opts.Table.Rekeyed() {
		return nil, nil //nolint:nilnil // none is needed
	}
	source, err := kafka.Describe(ctx, s.admin, p.opts.Table.Source.Topic)
	if err != nil {
		return nil, err
	}
	if p.origin != nil {
		if err := sameOrigin(source, *p.origin); err != nil {
			return nil, err
		}
	}
	p.origin = &source
	placed, err := kafka.Describe(ctx, s.admin, p.names.Rekeyed)
	if err != nil {
		return nil, err
	}
	var start seed.Start
	if p.opts.Seed != nil {
		start = p.opts.Seed.Start
	}
	return rekey.New(rekey.Options{
		Start: start,
		Table: p.opts.Table, Kafka: p.opts.Kafka, Source: source, Keyed: input, Placed: placed,
		NewSplitter: p.opts.NewSplitter, Skipped: p.metrics.reading.skip,
		Lost: func(partition int32, next, start int64) {
			p.metrics.reading.lost.Add(float64(start - next))
			p.status.lost(partition%input.Partitions, &LostRecordsError{Topic: source.Name, Partition: partition, Next: next, Start: start})
		},
		Logger: p.opts.Logger, Registerer: p.opts.Registerer, Clock: p.opts.Clock,
	})
}

// sameOrigin compares a source whose number of partitions may change.
func sameOrigin(now, before kafka.Topic) error {
	before.Partitions = now.Partitions
	return now.Since(before)
}

// watchOrigin looks after the source topic of records that are placed by their keys:
// it may get more partitions, but not be another topic.
func (p *Processor) watchOrigin(ctx context.Context, s *shared) error {
	if s.stage == nil {
		return nil
	}
	tick := time.NewTicker(p.opts.WatchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now, err := describe(ctx, s.admin, p.origin.Name)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, kafka.ErrNoSource):
			return err
		case err != nil:
			p.opts.Logger.Warn("topic not seen", "error", err)
			continue
		}
		if err := sameOrigin(now, *p.origin); err != nil {
			return err
		}
		s.stage.Grow(now.Partitions)
	}
}
