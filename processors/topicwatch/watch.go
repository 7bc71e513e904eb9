package topicwatch

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/events"
)

// Options of a table's watch.
type Options struct {
	Progress string        // the topic of progress records
	Every    time.Duration // how often topics are looked at
	// Seen is called after each look: with nil when all topics could be seen, else with an error.
	Seen   func(error)
	Events *events.Listener
}

// Watch knows what the topics of a table were. It outlives attempts at the table; one goroutine at a time checks.
type Watch struct {
	opts   Options
	source *kafka.Topic // the topic that is read, as it was first seen
	origin *kafka.Topic // the source topic, where that is another one, as it was first seen
}

// New makes one that has seen nothing yet.
func New(o Options) *Watch { return &Watch{opts: o} }

// Check compares the topic that is read with what is remembered of it: by this process, and in the progress topic.
// record is called with every progress record.
func (w *Watch) Check(ctx context.Context, client *kgo.Client, source kafka.Topic, record func(partition int32, r *kgo.Record)) error {
	if w.source != nil {
		if err := source.Since(*w.source); err != nil {
			return err
		}
	}
	var refused error
	err := logread.All(ctx, client, w.opts.Progress, func(r *kgo.Record) error {
		if wire.IsBootstrapKey(r.Key) {
			return nil
		}
		m, err := wire.ParseProgress(r.Value)
		if err != nil {
			return nil //nolint:nilerr // the next one counts
		}
		record(m.Partition, r)
		for _, h := range r.Headers { // the last record of a partition counts
			if h.Key == wire.SourceIDName {
				refused = source.Since(kafka.Topic{Partitions: source.Partitions, ID: kafka.TopicID(h.Value)})
			}
		}
		return nil
	})
	if err == nil {
		err = refused
	}
	if err == nil {
		w.source = &source
	}
	return err
}

// CheckOrigin compares the source topic of records that are repartitioned by their keys with what this process remembers.
func (w *Watch) CheckOrigin(origin kafka.Topic) error {
	if w.origin != nil {
		if err := sameOrigin(origin, *w.origin); err != nil {
			return err
		}
	}
	w.origin = &origin
	return nil
}

// sameOrigin compares a source whose number of partitions may change.
func sameOrigin(now, before kafka.Topic) error {
	before.Partitions = now.Partitions
	return now.Since(before)
}
