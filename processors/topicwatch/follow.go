package topicwatch

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/events"
)

// ErrChangelogGone is the changelog's end.
var ErrChangelogGone = errors.New("the changelog was deleted; it is made again and filled from the source")

// Follow returns an error once the source topic or the changelog is not the one it was.
func (w *Watch) Follow(ctx context.Context, client *kgo.Client, source, changelog kafka.Topic) error {
	return w.each(ctx, func() (unseen, err error) {
		for _, was := range []kafka.Topic{source, changelog} {
			now, err := Describe(ctx, client, was.Name)
			switch {
			case errors.Is(err, kafka.ErrNoSource) && was.Name == changelog.Name:
				return nil, ErrChangelogGone
			case err != nil:
				unseen = err
			default:
				if err := now.Since(was); err != nil {
					return nil, err
				}
			}
		}
		return unseen, nil
	}, w.opts.Seen)
}

// Grow looks after the source topic of records that are repartitioned by their keys: it may get more partitions, but not be
// another topic. grown is called with their number.
func (w *Watch) Grow(ctx context.Context, client *kgo.Client, grown func(partitions int32)) error {
	was := *w.origin
	return w.each(ctx, func() (unseen, err error) {
		now, err := Describe(ctx, client, was.Name)
		switch {
		case errors.Is(err, kafka.ErrNoSource):
			return nil, err
		case err != nil:
			return err, nil
		}
		if err := sameOrigin(now, was); err != nil {
			return nil, err
		}
		grown(now.Partitions)
		return nil, nil
	}, func(error) {})
}

// each looks again and again, until the context is over or a look ends with an error. What a look could not see is
// reported, and changes nothing.
func (w *Watch) each(ctx context.Context, look func() (unseen, err error), seen func(error)) error {
	tick := time.NewTicker(w.opts.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		unseen, err := look()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case unseen != nil:
			w.opts.Events.TopicNotSeen(events.TopicNotSeen{Err: unseen})
		}
		seen(unseen)
	}
}

const describeTimeout = 5 * time.Second

// Describe asks for a topic, for a bounded time.
func Describe(ctx context.Context, client *kgo.Client, topic string) (kafka.Topic, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	return kafka.Describe(ctx, client, topic)
}
