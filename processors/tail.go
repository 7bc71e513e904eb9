package processors

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Goka's recovery ends with the record before the changelog's end. When there is no
// such record, since the cleaner has removed the last tombstones of a quiet table or
// a transaction has left its marker there, it would wait for ever. So a recovery that
// stands still is looked at: when the log proves to hold nothing more, it is ended.

// stillFor is how long a recovery must stand still to be looked at.
const stillFor = time.Second

// recoveryConsumer is the consumer that goka recovers with: shared by all runs, and
// remembered by this one.
type recoveryConsumer struct {
	sarama.Consumer
	run *run
}

// Close implements sarama.Consumer. The consumer is shared by all runs.
func (recoveryConsumer) Close() error { return nil }

// ConsumePartition implements sarama.Consumer.
func (c recoveryConsumer) ConsumePartition(topic string, partition int32, offset int64) (sarama.PartitionConsumer, error) {
	pc, err := c.Consumer.ConsumePartition(topic, partition, offset)
	if err != nil {
		return nil, err
	}
	c.run.recoveryNext.Store(offset)
	c.run.goBackground(func() { c.run.watchRecovery(pc) })
	return pc, nil
}

// recoveryMark is how far recovery has come.
type recoveryMark struct {
	recoveryNext atomic.Int64  // the next changelog offset
	recoveryEnd  atomic.Int64  // the one that recovery ends at
	recoveryDone chan struct{} // closed when it is complete
}

// watchRecovery ends a recovery that waits for records that are not there.
func (r *run) watchRecovery(pc sarama.PartitionConsumer) {
	tick := time.NewTicker(stillFor)
	defer tick.Stop()
	before := r.recoveryNext.Load()
	for {
		select {
		case <-r.workCtx.Done():
			return
		case <-r.recoveryDone:
			return
		case <-tick.C:
		}
		next, end := r.recoveryNext.Load(), r.recoveryEnd.Load()
		if next != before || next >= end {
			before = next
			continue
		}
		empty, err := emptyBetween(r.workCtx, r.admin, r.names.Table, r.changelogID, r.partition, next, end)
		if err != nil {
			r.logger.Warn("end of the changelog not looked at", "error", err)
		} else if empty && r.recoveryNext.Load() == next {
			r.logger.Info("the changelog's last records are gone: recovery is complete", "last", next-1, "end", end)
			pc.AsyncClose()
			return
		}
	}
}

// emptyBetween reports whether a log holds no record for a reader between two
// offsets: only gaps, empty batches and markers of transactions.
func emptyBetween(ctx context.Context, client *kgo.Client, topic string, id [16]byte, partition int32, from, end int64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
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
