package group

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// lastOwners knows the changelogs that the partitions were last processed with, as the
// progress topic says. Partitions are assigned together, so they share a look.
type lastOwners struct {
	busy       chan struct{} // held by the goroutine that looks
	looked     time.Time     // when the last look began
	changelogs map[int32][16]byte
}

// lastChangelog is the id of the changelog that the partition was last processed with,
// as of now.
func (l *lastOwners) lastChangelog(ctx context.Context, o *Options, partition int32) (id [16]byte, known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, progressTimeout)
	defer cancel()
	asked := time.Now()
	select {
	case l.busy <- struct{}{}:
		defer func() { <-l.busy }()
	case <-ctx.Done():
		return id, false, ctx.Err()
	}
	if l.changelogs == nil || l.looked.Before(asked) {
		began := time.Now()
		found, err := o.readOwners(ctx)
		if err != nil {
			return id, false, fmt.Errorf("look up what the partition was last processed with: %w", err)
		}
		l.looked, l.changelogs = began, found
	}
	id, known = l.changelogs[partition]
	return id, known, nil
}

func (o *Options) readOwners(ctx context.Context) (map[int32][16]byte, error) {
	topic, err := kafka.Describe(ctx, o.Admin, o.Names.Progress)
	if err != nil {
		return nil, err
	}
	found := map[int32][16]byte{}
	_, err = logread.Back(ctx, o.Admin, topic, 0, func(r *kgo.Record) {
		if wire.IsBootstrapKey(r.Key) {
			return
		}
		m, err := wire.ParseProgress(r.Value)
		if err != nil {
			return
		}
		o.Progress(m.Partition, r)
		for _, h := range r.Headers { // the last record of a partition counts
			if h.Key == wire.ChangelogIDName {
				found[m.Partition] = kafka.TopicID(h.Value)
			}
		}
	}, func() bool { return len(found) >= int(o.Source.Partitions) })
	return found, err
}
