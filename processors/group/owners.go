package group

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// lastOwner is what the last owner of a partition has written in the progress topic.
type lastOwner struct {
	changelog [16]byte // that the partition was processed with
	source    [16]byte
	next      int64 // source offset
}

// lastOwners reads the progress topic, backwards. Partitions of which nothing is known are not in it.
func (t *Table) lastOwners(ctx context.Context) (map[int32]lastOwner, error) {
	found, err := t.readOwners(ctx)
	if err != nil {
		return nil, fmt.Errorf("look up what the partition was last processed with: %w", err)
	}
	return found, nil
}

func (t *Table) readOwners(ctx context.Context) (map[int32]lastOwner, error) {
	topic, err := kafka.Describe(ctx, t.o.Admin, t.o.Names.Progress)
	if err != nil {
		return nil, err
	}
	found := map[int32]lastOwner{}
	_, err = logread.Back(ctx, t.o.Admin, topic, 0, func(r *kgo.Record) {
		if wire.IsBootstrapKey(r.Key) {
			return
		}
		m, err := wire.ParseProgress(r.Value)
		if err != nil {
			return
		}
		t.o.Progress(m.Partition, r)
		known, owner := false, lastOwner{next: m.Source}
		for _, h := range r.Headers {
			switch h.Key {
			case wire.ChangelogIDName:
				known, owner.changelog = true, kafka.TopicID(h.Value)
			case wire.SourceIDName:
				owner.source = kafka.TopicID(h.Value)
			}
		}
		if known { // the last record of a partition counts
			found[m.Partition] = owner
		}
	}, func() bool { return len(found) >= int(t.o.Source.Partitions) })
	return found, err
}
