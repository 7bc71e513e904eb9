package processors

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

// sourceName is the header of progress records with the id of the source topic that
// they are about. It outlives local disks, and the group's offsets, which brokers
// forget with the topic.
const sourceName = "source"

// checkSource compares the source topic with what is remembered of it: by this
// process, and in the progress topic.
func (p *Processor) checkSource(ctx context.Context, client *kgo.Client, source kafka.Topic) error {
	if p.before != nil {
		if err := source.Since(*p.before); err != nil {
			return err
		}
	}
	var found error
	err := readAll(ctx, client, p.names.Progress, func(r *kgo.Record) {
		for _, h := range r.Headers {
			if h.Key != sourceName || len(h.Value) != len(source.ID) {
				continue
			}
			old := kafka.Topic{Name: source.Name, Partitions: source.Partitions, ID: [16]byte(h.Value)}
			found = source.Since(old) // the last record counts
		}
	})
	if err != nil {
		return err
	}
	if found == nil {
		p.before = &source
	}
	return found
}

// watch returns an error once the source topic is not the one it was. While it
// cannot be seen, nothing is known: a broker may be away.
func (p *Processor) watch(ctx context.Context, client *kgo.Client, source kafka.Topic) error {
	tick := time.NewTicker(p.opts.WatchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now, err := describe(ctx, client, source.Name)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			p.status.whole(err)
			p.opts.Logger.Warn("source topic not seen", "error", err)
			continue
		}
		if err := now.Since(source); err != nil {
			return err
		}
		p.status.whole(nil)
	}
}

// describe asks for a topic, for a bounded time.
func describe(ctx context.Context, client *kgo.Client, topic string) (kafka.Topic, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	return kafka.Describe(ctx, client, topic)
}

const describeTimeout = 5 * time.Second
