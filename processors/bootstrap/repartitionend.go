package bootstrap

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// Where the source's records are repartitioned by their keys, a replay ends in a partition when
// all of the source's have been copied as far as they ended when it began. What it is to
// be read up to is known then, and not before.

// findRepartitionEnd looks whether the records that were there have been copied.
func (f *Filling) findRepartitionEnd(ctx context.Context) error {
	if f.ends == nil {
		ends, err := kafka.EndOffsets(ctx, f.opts.Admin, f.opts.Table.Source.Topic)
		if err != nil {
			return err
		}
		f.ends = ends
	}
	topic, err := kafka.Describe(ctx, f.opts.Admin, f.opts.Names.Repartitioned)
	if err != nil {
		return err
	}
	copied := map[int32]wire.Repartitioned{}
	for share := range topic.Partitions {
		if err := f.readRepartitioned(ctx, topic, share, copied); err != nil {
			return fmt.Errorf("look how far the source's records are repartitioned: %w", err)
		}
	}
	until := f.get().From
	for q, end := range f.ends {
		p, ok := copied[int32(q)]
		if !ok || p.Source < end {
			return nil
		}
		if int(f.opts.Partition) < len(p.Keyed) {
			until = max(until, p.Keyed[f.opts.Partition])
		}
	}
	f.change(func(s *wire.Bootstrap) { s.Until = until })
	return f.keepSeed()
}

// readRepartitioned takes the progress of the source's partitions from one partition: of the
// source's partitions that share it.
func (f *Filling) readRepartitioned(ctx context.Context, topic kafka.Topic, share int32, copied map[int32]wire.Repartitioned) error {
	missing := map[int32]bool{}
	for q := share; int(q) < len(f.ends); q += topic.Partitions {
		missing[q] = true
	}
	_, err := logread.Back(ctx, f.opts.Admin, topic, share, func(rec *kgo.Record) {
		p, err := wire.ParseRepartitioned(rec.Value)
		if err != nil {
			return
		}
		for _, h := range rec.Headers {
			if h.Key == wire.KeyedIDName && kafka.TopicID(h.Value) != f.opts.Input.ID {
				return // of another topic by keys
			}
		}
		copied[p.Partition] = p
		delete(missing, p.Partition)
	}, func() bool { return len(missing) == 0 })
	return err
}
