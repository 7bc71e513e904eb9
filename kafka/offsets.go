package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Metadata asks the brokers about a topic and its partitions, not a client's cache: it may
// have been changed a moment ago. The error holds ErrNoSource when there is none.
func Metadata(ctx context.Context, client *kgo.Client, topic string) (*kmsg.MetadataResponseTopic, error) {
	req := kmsg.NewPtrMetadataRequest()
	want := kmsg.NewMetadataRequestTopic()
	want.Topic = &topic
	req.Topics = append(req.Topics, want)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("describe topic %s: %w", topic, err)
	}
	if len(resp.Topics) != 1 {
		return nil, fmt.Errorf("describe topic %s: the brokers told of %d topics", topic, len(resp.Topics))
	}
	found := &resp.Topics[0]
	if err := kerr.ErrorForCode(found.ErrorCode); errors.Is(err, kerr.UnknownTopicOrPartition) {
		return nil, fmt.Errorf("topic %s: %w", topic, ErrNoSource)
	} else if err != nil {
		return nil, fmt.Errorf("describe topic %s: %w", topic, err)
	}
	return found, nil
}

// Describe returns what a topic is now, by Metadata.
func Describe(ctx context.Context, client *kgo.Client, topic string) (Topic, error) {
	found, err := Metadata(ctx, client, topic)
	if err != nil {
		return Topic{}, err
	}
	return Topic{Name: topic, Partitions: int32(len(found.Partitions)), ID: found.TopicID}, nil
}

// EndOffsets returns the next offset of each partition that a reader of committed
// records will meet, by partition.
func EndOffsets(ctx context.Context, client *kgo.Client, topic string) ([]int64, error) {
	offsets, err := kadm.NewClient(client).ListCommittedOffsets(ctx, topic)
	return listed(offsets, err, "end", topic)
}

// StartOffsets returns the first offset that each partition still has.
func StartOffsets(ctx context.Context, client *kgo.Client, topic string) ([]int64, error) {
	offsets, err := kadm.NewClient(client).ListStartOffsets(ctx, topic)
	return listed(offsets, err, "start", topic)
}

func listed(offsets kadm.ListedOffsets, err error, which, topic string) ([]int64, error) {
	if err == nil {
		err = offsets.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("%s offsets of topic %s: %w", which, topic, err)
	}
	parts := offsets[topic]
	out := make([]int64, len(parts))
	for p, o := range parts {
		if p < 0 || int(p) >= len(out) {
			return nil, fmt.Errorf("%s offsets of topic %s: the brokers told of partition %d of %d", which, topic, p, len(out))
		}
		out[p] = o.Offset
	}
	return out, nil
}
