package logread

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
)

// log is a partition of a topic at the broker that leads it.
type log struct {
	client    *kgo.Client
	topic     kafka.Topic
	partition int32
	leader    *kgo.Broker
}

// chunk is what one fetch returned.
type chunk struct {
	records []*kgo.Record // committed ones, from the offset that was asked for on
	next    int64         // the offset behind the last whole batch, or the one that was asked for
	bytes   int
	stable  int64 // the offset of the first open transaction, or high where there is none
	high    int64 // the offset behind all records, committed or not
}

// hides reports whether an open transaction begins before end.
func (c *chunk) hides(end int64) bool { return c.stable < min(end, c.high) }

// locate asks the brokers for the partition's leader, and for the topic's ID where it is not known.
func (l *log) locate(ctx context.Context) error {
	found, err := kafka.Metadata(ctx, l.client, l.topic.Name)
	if err != nil {
		return fmt.Errorf("find the leader of %s/%d: %w", l.topic.Name, l.partition, err)
	}
	if l.topic.ID == ([16]byte{}) {
		l.topic.ID = found.TopicID
	}
	for i := range found.Partitions {
		if p := &found.Partitions[i]; p.Partition == l.partition {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return fmt.Errorf("find the leader of %s/%d: %w", l.topic.Name, l.partition, err)
			}
			l.leader = l.client.Broker(int(p.Leader))
			return nil
		}
	}
	return fmt.Errorf("find the leader of %s/%d: the topic has %d partitions", l.topic.Name, l.partition, len(found.Partitions))
}

// fetch reads up to so many bytes at an offset; a broker returns at least one whole batch.
// The error holds kerr.OffsetOutOfRange where the log does not reach from or to the offset.
func (l *log) fetch(ctx context.Context, at int64, bytes int32) (chunk, error) {
	if l.leader == nil {
		if err := l.locate(ctx); err != nil {
			return chunk{}, err
		}
	}
	got, err := l.request(ctx, at, bytes)
	if err != nil {
		l.leader = nil // it may be another broker now
		return chunk{}, fmt.Errorf("read %s/%d at %d: %w", l.topic.Name, l.partition, at, err)
	}
	c, err := parse(got, l.topic.Name, at)
	if err != nil {
		return chunk{}, fmt.Errorf("read the batches of %s/%d at %d: %w", l.topic.Name, l.partition, at, err)
	}
	return c, nil
}

func (l *log) request(ctx context.Context, at int64, bytes int32) (*kmsg.FetchResponseTopicPartition, error) {
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis, req.MinBytes, req.MaxBytes, req.SessionEpoch = 0, 0, bytes, -1
	req.IsolationLevel = 1 // committed
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID = l.topic.Name, l.topic.ID
	p := kmsg.NewFetchRequestTopicPartition()
	p.Partition, p.FetchOffset, p.PartitionMaxBytes = l.partition, at, bytes
	t.Partitions = append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	resp, err := l.leader.Request(ctx, req)
	if err != nil {
		return nil, err
	}
	f := resp.(*kmsg.FetchResponse)
	if err := kerr.ErrorForCode(f.ErrorCode); err != nil {
		return nil, err
	}
	if len(f.Topics) != 1 || len(f.Topics[0].Partitions) != 1 {
		return nil, fmt.Errorf("the broker returned %d topics", len(f.Topics))
	}
	got := f.Topics[0].Partitions[0]
	return &got, kerr.ErrorForCode(got.ErrorCode)
}

// parse decodes the batches of a fetch at an offset.
func parse(got *kmsg.FetchResponseTopicPartition, topic string, at int64) (chunk, error) {
	decoded, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
		Offset: at, IsolationLevel: kgo.ReadCommitted(), Topic: topic, Partition: got.Partition,
	}, got, kgo.DefaultDecompressor(), nil)
	if decoded.Err != nil {
		return chunk{}, decoded.Err
	}
	return chunk{
		records: decoded.Records, next: next, bytes: len(got.RecordBatches), stable: got.LastStableOffset, high: got.HighWatermark,
	}, nil
}

// start returns the first offset that the log has.
func (l *log) start(ctx context.Context) (int64, error) {
	starts, err := kafka.StartOffsets(ctx, l.client, l.topic.Name)
	if err == nil && int(l.partition) >= len(starts) {
		err = fmt.Errorf("start offsets of topic %s: the brokers returned %d partitions, not %d", l.topic.Name, len(starts), l.partition)
	}
	if err != nil {
		return 0, err
	}
	return starts[l.partition], nil
}
