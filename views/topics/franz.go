package topics

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// Client asks brokers about topics.
type Client struct {
	kgo      *kgo.Client // others use it, too
	ends     *kafka.Together
	settings kafka.Settings
}

// Open returns a client that asks over the pool's connections; it opens one of its own only to read much.
func Open(p *logread.Pool, s kafka.Settings) (*Client, error) {
	c, err := p.Client()
	if err != nil {
		return nil, err
	}
	ends, err := p.Ends()
	if err != nil {
		return nil, err
	}
	return &Client{kgo: c, ends: ends, settings: s}, nil
}

// Describe asks what a topic is now.
func (c *Client) Describe(ctx context.Context, topic string) (kafka.Topic, error) {
	return c.ends.Describe(ctx, topic)
}

// Ends returns for each topic the next offset of each partition that a reader of
// committed records will meet, asked for in one go.
func (c *Client) Ends(ctx context.Context, topics ...string) (map[string][]int64, error) {
	return c.ends.EndsOf(ctx, topics...)
}

// Watermarks returns the offset of each partition of a topic behind all that it has,
// committed or not.
func (c *Client) Watermarks(ctx context.Context, topic string) ([]int64, error) {
	found, err := c.ends.Watermarks(ctx, topic)
	return found[topic], err
}

// Deliverable reports whether a partition has something left to deliver between two offsets.
func (c *Client) Deliverable(ctx context.Context, topic string, partition int32, from, end int64) (bool, error) {
	return logread.Deliverable(ctx, c.kgo, kafka.Topic{Name: topic}, partition, from, end)
}

// Record is one record. Its slices are the caller's.
type Record struct {
	Topic     string
	Partition int32
	Offset    int64
	Key       []byte
	Value     []byte // nil for a tombstone
	Changelog []byte // id of the changelog topic that its offsets are of, nil when it does not say
	Source    []byte // the same of the source topic
	Keyed     []byte // the same of the topic by decoded keys
	Deletion  []byte // what a tombstone of the snapshot topic says of the deletion, nil when it says nothing
	Health    []byte // how well the processing of a partition is; nil where the record does not say
}

// Follow calls fn with the records of topics that have one partition, from the given
// offsets on, until the context ends. It waits for brokers that are away; what they refuse
// is reported to fault, again and again while it lasts.
func Follow(ctx context.Context, p *logread.Pool, from map[string]int64, fn func(Record), fault func(topic string, err error)) error {
	start := make(logread.Start, len(from))
	for topic, at := range from {
		from := kgo.NewOffset().At(at)
		if at == 0 { // the topic may begin later
			from = kgo.NewOffset().AtStart()
		}
		start[topic] = map[int32]kgo.Offset{0: from}
	}
	return follow(ctx, p, start, fn, fault)
}

// FollowAll is Follow for all partitions of one topic, by their offsets.
func FollowAll(ctx context.Context, p *logread.Pool, topic string, from []int64, fn func(Record), fault func(topic string, err error)) error {
	start := map[int32]kgo.Offset{}
	for p, at := range from {
		start[int32(p)] = kgo.NewOffset().At(at)
	}
	return follow(ctx, p, logread.Start{topic: start}, fn, fault)
}

// Back calls fn with the last records of a partition, and with all of them if enough
// then says no. It returns the offset behind them.
func (c *Client) Back(ctx context.Context, topic kafka.Topic, partition int32, fn func(Record), enough func() bool) (next int64, err error) {
	return logread.Back(ctx, c.kgo, topic, partition, func(r *kgo.Record) { fn(ours(r)) }, enough)
}

func follow(ctx context.Context, p *logread.Pool, start logread.Start, fn func(Record), fault func(topic string, err error)) error {
	return p.Follow(ctx, start, func(r *kgo.Record) { fn(ours(r)) }, func(topic string, partition int32, err error) {
		fault(topic, fmt.Errorf("fetch partition %d: %w", partition, err))
	})
}

func ours(r *kgo.Record) Record {
	out := Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		switch h.Key {
		case wire.ChangelogIDName:
			out.Changelog = h.Value
		case wire.SourceIDName:
			out.Source = h.Value
		case wire.KeyedIDName:
			out.Keyed = h.Value
		case wire.DeletionName:
			out.Deletion = h.Value
		case wire.HealthName:
			out.Health = h.Value
		}
	}
	return out
}

// Scan calls fn with what there is of the records before the given offsets, by partition,
// each partition's in their order.
func (c *Client) Scan(ctx context.Context, topic string, to []int64, fn func(Record) error) error {
	starts, err := kafka.StartOffsets(ctx, c.kgo, topic)
	if err != nil {
		return err
	}
	spans := make([]logread.Span, len(to))
	for p, end := range to {
		if end > 0 && p < len(starts) {
			spans[p] = logread.Span{From: starts[p], End: end}
		}
	}
	own, err := c.settings.Client()
	if err != nil {
		return err
	}
	defer own.Close()
	return logread.ReadSpans(ctx, own, topic, spans, func(r *kgo.Record) error { return fn(ours(r)) })
}
