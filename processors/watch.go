package processors

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// The headers of progress records with the ids of the topics that they are about.
// They outlive local disks, and the group's offsets, which brokers forget with the topic.
const (
	sourceName    = wire.SourceIDName
	changelogName = wire.ChangelogIDName
)

// checkSource compares the source topic with what is remembered of it: by this process,
// and in the progress topic. Another one is refused. What another changelog means is
// asked for each partition when it is taken over: see package group.
func (p *Processor) checkSource(ctx context.Context, client *kgo.Client, source, changelog kafka.Topic) error {
	if p.before != nil {
		if err := source.Since(*p.before); err != nil {
			return err
		}
	}
	var refused error
	err := logread.All(ctx, client, p.names.Progress, func(r *kgo.Record) error {
		if wire.IsBootstrapKey(r.Key) {
			return nil
		}
		m, err := wire.ParseProgress(r.Value)
		if err != nil {
			return nil //nolint:nilerr // the next one counts
		}
		p.recall.Put(m.Partition, r, changelog.ID)
		for _, h := range r.Headers { // the last record of a partition counts
			if h.Key == sourceName {
				refused = source.Since(kafka.Topic{Partitions: source.Partitions, ID: topicID(h.Value)})
			}
		}
		return nil
	})
	if err == nil {
		err = refused
	}
	if err == nil {
		p.before = &source
	}
	return err
}

func topicID(b []byte) (id [16]byte) {
	copy(id[:], b)
	return id
}

// watch returns an error once the source topic or the changelog is not the one it
// was. While it cannot be seen, nothing is known: a broker may be away.
func (p *Processor) watch(ctx context.Context, client *kgo.Client, topics ...kafka.Topic) error {
	tick := time.NewTicker(p.opts.WatchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var unseen error
		for _, was := range topics {
			now, err := describe(ctx, client, was.Name)
			if ctx.Err() != nil {
				return nil
			}
			switch {
			case errors.Is(err, kafka.ErrNoSource) && was.Name == p.names.Table:
				return errChangelogGone
			case err != nil:
				unseen = err
			default:
				if err := now.Since(was); err != nil {
					return err
				}
			}
		}
		if unseen != nil {
			p.opts.Logger.Warn("topic not seen", "error", unseen)
		}
		p.status.whole(unseen)
	}
}

// describe asks for a topic, for a bounded time.
func describe(ctx context.Context, client *kgo.Client, topic string) (kafka.Topic, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	return kafka.Describe(ctx, client, topic)
}

const describeTimeout = 5 * time.Second
