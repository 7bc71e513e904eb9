package processors

import (
	"context"
	"fmt"
	"math"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// Where the source's records are placed by their keys, a replay ends in a partition when
// all of the source's have been placed as far as they ended when it began. What it is to
// be read up to is known then, and not before.

// noEnd is the end of a replay that is not known yet.
const noEnd int64 = math.MaxInt64

// findPlacedEnd looks whether the records that were there have been placed.
func (r *run) findPlacedEnd(ctx context.Context) error {
	if r.filling.ends == nil {
		ends, err := kafka.EndOffsets(ctx, r.admin, r.opts.Table.Source.Topic)
		if err != nil {
			return err
		}
		r.filling.ends = ends
	}
	topic, err := kafka.Describe(ctx, r.admin, r.names.Rekeyed)
	if err != nil {
		return err
	}
	placed := map[int32]wire.Repartitioned{}
	for share := range topic.Partitions {
		if err := r.readPlaced(ctx, topic, share, placed); err != nil {
			return fmt.Errorf("look how far the source's records are placed: %w", err)
		}
	}
	until := r.filling.get().From
	for q, end := range r.filling.ends {
		p, ok := placed[int32(q)]
		if !ok || p.Source < end {
			return nil
		}
		if int(r.partition) < len(p.Keyed) {
			until = max(until, p.Keyed[r.partition])
		}
	}
	r.filling.change(func(s *wire.Bootstrap) { s.Until = until })
	return r.keepSeed()
}

// readPlaced takes what one partition tells of how far the source's are placed: of the
// source's partitions that share it.
func (r *run) readPlaced(ctx context.Context, topic kafka.Topic, share int32, placed map[int32]wire.Repartitioned) error {
	missing := map[int32]bool{}
	for q := share; int(q) < len(r.filling.ends); q += topic.Partitions {
		missing[q] = true
	}
	_, err := logread.Back(ctx, r.admin, topic, share, func(rec *kgo.Record) {
		p, err := wire.ParseRepartitioned(rec.Value)
		if err != nil {
			return
		}
		for _, h := range rec.Headers {
			if h.Key == wire.KeyedIDName && kafka.TopicID(h.Value) != r.sourceID {
				return // of another topic by keys
			}
		}
		placed[p.Partition] = p
		delete(missing, p.Partition)
	}, func() bool { return len(missing) == 0 })
	return err
}
