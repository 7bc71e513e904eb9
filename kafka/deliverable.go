package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// lookTimeout bounds a look at a log.
	lookTimeout = 5 * time.Second
	// lookBytes is what is fetched at once. A broker sends at least one whole batch.
	lookBytes = 64 << 10
)

// Deliverable reports whether a reader of committed records that stands at from would
// get one before end. Markers, aborted records and what compaction has left out
// deliver nothing. A transaction that is still open may be committed: where one hides
// what is there, the answer is yes.
//
// The topic's ID is looked up where it is zero.
func Deliverable(ctx context.Context, client *kgo.Client, topic Topic, partition int32, from, end int64) (bool, error) {
	if from >= end {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	found, err := kadm.NewClient(client).ListTopics(ctx, topic.Name)
	if err == nil {
		err = found.Error()
	}
	if err != nil {
		return false, fmt.Errorf("find the leader of %s/%d: %w", topic.Name, partition, err)
	}
	told := found[topic.Name]
	if topic.ID == ([16]byte{}) {
		topic.ID = told.ID
	}
	p, ok := told.Partitions[partition]
	if !ok {
		return false, fmt.Errorf("find the leader of %s/%d: the brokers did not tell of the partition", topic.Name, partition)
	}
	leader := client.Broker(int(p.Leader))
	for at := from; at < end; {
		got, err := fetchAt(ctx, leader, topic, partition, at)
		if errors.Is(err, kerr.OffsetOutOfRange) {
			start, err := startOf(ctx, client, topic.Name, partition)
			if err != nil {
				return false, err
			}
			if start <= at { // the log is shorter than it was
				return false, nil
			}
			at = start // what came before was removed
			continue
		}
		if err != nil {
			return false, fmt.Errorf("read %s/%d at %d: %w", topic.Name, partition, at, err)
		}
		next, left, err := scan(got, topic.Name, at, end)
		if left || err != nil {
			return left, err
		}
		if next <= at { // nothing stands there, or what does cannot be read
			return len(got.RecordBatches) > 0 || got.LastStableOffset < min(end, got.HighWatermark), nil
		}
		at = next
	}
	return false, nil
}

func startOf(ctx context.Context, client *kgo.Client, topic string, partition int32) (int64, error) {
	starts, err := StartOffsets(ctx, client, topic)
	if err == nil && int(partition) >= len(starts) {
		err = fmt.Errorf("start offsets of topic %s: the brokers did not tell of partition %d", topic, partition)
	}
	if err != nil {
		return 0, err
	}
	return starts[partition], nil
}

// fetchAt reads some bytes of a log, as they are, up to the first open transaction.
func fetchAt(ctx context.Context, b *kgo.Broker, topic Topic, partition int32, at int64) (*kmsg.FetchResponseTopicPartition, error) {
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis, req.MinBytes, req.MaxBytes, req.SessionEpoch = 0, 0, lookBytes, -1
	req.IsolationLevel = 1
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID = topic.Name, topic.ID
	p := kmsg.NewFetchRequestTopicPartition()
	p.Partition, p.FetchOffset, p.PartitionMaxBytes = partition, at, lookBytes
	t.Partitions = append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	resp, err := b.Request(ctx, req)
	if err != nil {
		return nil, err
	}
	f := resp.(*kmsg.FetchResponse)
	if err := kerr.ErrorForCode(f.ErrorCode); err != nil {
		return nil, err
	}
	if len(f.Topics) != 1 || len(f.Topics[0].Partitions) != 1 {
		return nil, fmt.Errorf("the broker told of %d topics", len(f.Topics))
	}
	got := f.Topics[0].Partitions[0]
	return &got, kerr.ErrorForCode(got.ErrorCode)
}

// scan looks through fetched batches for a committed record in [from, end), and returns
// the offset behind the last whole batch.
func scan(got *kmsg.FetchResponseTopicPartition, topic string, from, end int64) (next int64, left bool, err error) {
	records, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
		Offset: from, IsolationLevel: kgo.ReadCommitted(), Topic: topic, Partition: got.Partition,
	}, got, kgo.DefaultDecompressor(), nil)
	if records.Err != nil {
		return from, false, fmt.Errorf("read the batches of %s/%d at %d: %w", topic, got.Partition, from, records.Err)
	}
	for _, r := range records.Records {
		if r.Offset < end {
			return next, true, nil
		}
	}
	return next, false, nil
}
