package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Metadata asks the brokers about a topic and its partitions, not a client's cache: it may
// have been changed a moment ago. The error holds ErrNoSource when there is none.
func Metadata(ctx context.Context, client *kgo.Client, topic string) (*kmsg.MetadataResponseTopic, error) {
	all, err := MetadataOf(ctx, client, []string{topic})
	if err != nil {
		return nil, err
	}
	return sound(topic, all[topic])
}

// MetadataOf asks about topics in one go. It returns what the brokers say of each by its name, errors included.
func MetadataOf(ctx context.Context, client *kgo.Client, topics []string) (map[string]*kmsg.MetadataResponseTopic, error) {
	req := kmsg.NewPtrMetadataRequest()
	for _, topic := range topics {
		want := kmsg.NewMetadataRequestTopic()
		want.Topic = &topic
		req.Topics = append(req.Topics, want)
	}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("describe topic %s: %w", strings.Join(topics, ", "), err)
	}
	out := make(map[string]*kmsg.MetadataResponseTopic, len(topics))
	for i := range resp.Topics {
		if name := resp.Topics[i].Topic; name != nil {
			out[*name] = &resp.Topics[i]
		}
	}
	return out, nil
}

// sound returns what was found of a topic, or what is wrong with it.
func sound(topic string, found *kmsg.MetadataResponseTopic) (*kmsg.MetadataResponseTopic, error) {
	if found == nil {
		return nil, fmt.Errorf("describe topic %s: the brokers did not return it", topic)
	}
	if err := kerr.ErrorForCode(found.ErrorCode); errors.Is(err, kerr.UnknownTopicOrPartition) {
		return nil, fmt.Errorf("topic %s: %w", topic, ErrNoSource)
	} else if err != nil {
		return nil, fmt.Errorf("describe topic %s: %w", topic, err)
	}
	return found, nil
}

// Describe returns what a topic is now, by Metadata.
func Describe(ctx context.Context, client *kgo.Client, topic string) (Topic, error) {
	all, err := MetadataOf(ctx, client, []string{topic})
	if err != nil {
		return Topic{}, err
	}
	return described(topic, all[topic])
}

func described(topic string, answer *kmsg.MetadataResponseTopic) (Topic, error) {
	found, err := sound(topic, answer)
	if err != nil {
		return Topic{}, err
	}
	return Topic{Name: topic, Partitions: int32(len(found.Partitions)), ID: found.TopicID}, nil
}

// EndOffsets returns the next offset of each partition that a reader of committed
// records will meet, by partition.
func EndOffsets(ctx context.Context, client *kgo.Client, topic string) ([]int64, error) {
	ends, err := EndsOf(ctx, client, topic)
	return ends[topic], err
}

// EndsOf is EndOffsets for some topics, asked for in one go.
func EndsOf(ctx context.Context, client *kgo.Client, topics ...string) (map[string][]int64, error) {
	offsets, err := kadm.NewClient(client).ListCommittedOffsets(ctx, topics...)
	return listed(offsets, err, "end", topics)
}

// Watermarks returns the offset of each partition of some topics behind all that it has,
// committed or not.
func Watermarks(ctx context.Context, client *kgo.Client, topics ...string) (map[string][]int64, error) {
	offsets, err := kadm.NewClient(client).ListEndOffsets(ctx, topics...)
	return listed(offsets, err, "high", topics)
}

// StartOffsets returns the first offset that each partition still has.
func StartOffsets(ctx context.Context, client *kgo.Client, topic string) ([]int64, error) {
	offsets, err := kadm.NewClient(client).ListStartOffsets(ctx, topic)
	starts, err := listed(offsets, err, "start", []string{topic})
	return starts[topic], err
}

// listed returns some topics' offsets of a listing by topic and partition. Each topic has all its
// partitions, and at least one.
func listed(offsets kadm.ListedOffsets, err error, which string, topics []string) (map[string][]int64, error) {
	mine := make(kadm.ListedOffsets, len(topics))
	for _, topic := range topics {
		mine[topic] = offsets[topic]
	}
	if err == nil {
		err = mine.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("%s offsets of topic %s: %w", which, strings.Join(topics, ", "), err)
	}
	out := make(map[string][]int64, len(topics))
	for _, topic := range topics {
		parts := offsets[topic]
		if len(parts) == 0 {
			return nil, fmt.Errorf("%s offsets of topic %s: the brokers returned no partition", which, topic)
		}
		at := make([]int64, len(parts))
		for p, o := range parts {
			if p < 0 || int(p) >= len(at) {
				return nil, fmt.Errorf("%s offsets of topic %s: the brokers returned partition %d of %d", which, topic, p, len(at))
			}
			at[p] = o.Offset
		}
		out[topic] = at
	}
	return out, nil
}
