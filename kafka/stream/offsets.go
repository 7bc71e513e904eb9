package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/retry"
)

const (
	// askTimeout bounds a question for which the caller has no context.
	askTimeout = 3 * time.Second
	// asks is how often a leader is asked for an offset: it may be another one, or not know it yet.
	asks     = 3
	askPause = 50 * time.Millisecond
)

// leaders remembers who leads a partition. One that is wrong is noticed by the broker that is asked.
type leaders struct {
	mu    sync.Mutex
	nodes map[spot]int32
}

// GetOffset returns an offset of a partition: the oldest that it has for sarama.OffsetOldest, and for
// sarama.OffsetNewest the one behind all of its records, committed or not.
func (r *Reader) GetOffset(topic string, number int32, at int64) (int64, error) {
	if r.ctx.Err() != nil {
		return 0, ErrClosed
	}
	client, err := r.ask()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(r.ctx, askTimeout)
	defer cancel()
	for try := 1; ; try++ {
		offset, err := r.askOffset(ctx, client, spot{topic, number}, at)
		if err == nil {
			return offset, nil
		}
		if try == asks || !moving(err) || errors.Is(err, kafka.ErrNoSource) || retry.Pause(ctx, askPause) != nil {
			return 0, fmt.Errorf("ask for an offset of %s/%d: %w", topic, number, err)
		}
	}
}

func (r *Reader) askOffset(ctx context.Context, client *kgo.Client, of spot, at int64) (int64, error) {
	leader, err := r.leaders.find(ctx, client, of)
	if err != nil {
		return 0, err
	}
	offset, err := listOffset(ctx, client.Broker(int(leader)), of, at)
	if err != nil {
		r.leaders.forget(of)
	}
	return offset, err
}

func listOffset(ctx context.Context, leader *kgo.Broker, of spot, at int64) (int64, error) {
	req := kmsg.NewPtrListOffsetsRequest()
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic = of.topic
	p := kmsg.NewListOffsetsRequestTopicPartition()
	p.Partition, p.Timestamp = of.number, at
	t.Partitions = append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	resp, err := leader.RetriableRequest(ctx, req)
	if err != nil {
		return 0, err
	}
	got := resp.(*kmsg.ListOffsetsResponse)
	if len(got.Topics) != 1 || len(got.Topics[0].Partitions) != 1 {
		return 0, fmt.Errorf("the broker returned %d topics", len(got.Topics))
	}
	return got.Topics[0].Partitions[0].Offset, kerr.ErrorForCode(got.Topics[0].Partitions[0].ErrorCode)
}

// find returns the leader of a partition, by what is remembered or what the brokers say now.
func (l *leaders) find(ctx context.Context, client *kgo.Client, of spot) (int32, error) {
	l.mu.Lock()
	node, known := l.nodes[of]
	l.mu.Unlock()
	if known {
		return node, nil
	}
	found, err := kafka.Metadata(ctx, client, of.topic)
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range found.Partitions {
		if p := &found.Partitions[i]; p.ErrorCode == 0 && p.Leader >= 0 {
			l.nodes[spot{of.topic, p.Partition}] = p.Leader
		} else if p.Partition == of.number {
			return 0, kerr.ErrorForCode(p.ErrorCode)
		}
	}
	if node, known = l.nodes[of]; !known {
		return 0, fmt.Errorf("the topic has %d partitions", len(found.Partitions))
	}
	return node, nil
}

func (l *leaders) forget(of spot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.nodes, of)
}
