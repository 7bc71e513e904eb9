package kafka

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// lookTimeout bounds a look at a log.
const lookTimeout = 5 * time.Second

// EmptyBetween reports whether a log holds no record for a reader between two
// offsets: only gaps, empty batches and markers of transactions.
func EmptyBetween(ctx context.Context, client *kgo.Client, topic string, id [16]byte, partition int32, from, end int64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	topics, err := kadm.NewClient(client).ListTopics(ctx, topic)
	if err != nil {
		return false, fmt.Errorf("find the leader of %s/%d: %w", topic, partition, err)
	}
	leader := topics[topic].Partitions[partition].Leader
	for at := from; at < end; {
		batches, err := fetchAt(ctx, client.Broker(int(leader)), topic, id, partition, at)
		if err != nil {
			return false, fmt.Errorf("read %s/%d at %d: %w", topic, partition, at, err)
		}
		next, records := scanBatches(batches, from)
		if records {
			return false, nil
		}
		if next <= at {
			return true, nil // nothing stands there up to the end of the log
		}
		at = next
	}
	return true, nil
}

// fetchAt reads some bytes of a log, as they are.
func fetchAt(ctx context.Context, b *kgo.Broker, topic string, id [16]byte, partition int32, at int64) ([]byte, error) {
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis, req.MinBytes, req.MaxBytes, req.SessionEpoch = 0, 0, 1<<20, -1
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID = topic, id
	p := kmsg.NewFetchRequestTopicPartition()
	p.Partition, p.FetchOffset, p.PartitionMaxBytes = partition, at, 1<<20
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
	return got.RecordBatches, kerr.ErrorForCode(got.ErrorCode)
}

// The places in the head of a record batch.
const (
	batchLength     = 8
	batchAttributes = 21
	batchLastDelta  = 23
	batchRecords    = 57
	batchHead       = 61
	controlBit      = 1 << 5
)

// scanBatches reports whether the batches that begin at from or later hold records,
// and the offset after the last batch. A batch that begins before was delivered whole.
func scanBatches(b []byte, from int64) (next int64, records bool) {
	for len(b) >= batchHead {
		first := int64(binary.BigEndian.Uint64(b))
		size := batchLength + 4 + int(binary.BigEndian.Uint32(b[batchLength:]))
		control := binary.BigEndian.Uint16(b[batchAttributes:])&controlBit != 0
		next = first + int64(binary.BigEndian.Uint32(b[batchLastDelta:])) + 1
		if first >= from && !control && binary.BigEndian.Uint32(b[batchRecords:]) > 0 {
			return next, true
		}
		if size < batchHead || size > len(b) {
			break
		}
		b = b[size:]
	}
	return next, false
}
