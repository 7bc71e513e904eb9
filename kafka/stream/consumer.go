package stream

import (
	"context"
	"fmt"
	"sync"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
)

// Consumer is what one user of a Reader sees of it. It implements sarama.Consumer.
type Consumer struct {
	reader *Reader

	mu   sync.Mutex
	open map[spot]*partition
}

// Consumer returns a consumer of partitions.
func (r *Reader) Consumer() *Consumer { return &Consumer{reader: r, open: map[spot]*partition{}} }

var _ sarama.Consumer = (*Consumer)(nil)

// spot names a partition.
type spot struct {
	topic  string
	number int32
}

// ConsumePartition implements sarama.Consumer. The offset may be sarama.OffsetOldest or sarama.OffsetNewest.
func (c *Consumer) ConsumePartition(topic string, number int32, offset int64) (sarama.PartitionConsumer, error) {
	start, err := c.reader.startOf(topic, number, offset)
	if err != nil {
		return nil, fmt.Errorf("begin to read %s/%d at %d: %w", topic, number, offset, err)
	}
	p := newPartition(c, topic, number, start)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[p.spot()] != nil {
		return nil, sarama.ConfigurationError("That topic/partition is already being consumed")
	}
	if err := c.reader.add(p); err != nil {
		return nil, err
	}
	c.open[p.spot()] = p
	return p, nil
}

// startOf returns the offset to begin at: sarama.ErrOffsetOutOfRange when the partition does not have it.
func (r *Reader) startOf(topic string, number int32, offset int64) (int64, error) {
	oldest, err := r.GetOffset(topic, number, sarama.OffsetOldest)
	if err != nil {
		return 0, err
	}
	if offset == sarama.OffsetOldest {
		return oldest, nil
	}
	newest, err := r.GetOffset(topic, number, sarama.OffsetNewest)
	switch {
	case err != nil:
		return 0, err
	case offset == sarama.OffsetNewest:
		return newest, nil
	case offset < oldest || offset > newest:
		return 0, sarama.ErrOffsetOutOfRange
	}
	return offset, nil
}

func (c *Consumer) forget(p *partition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[p.spot()] == p {
		delete(c.open, p.spot())
	}
}

// HighWaterMarks implements sarama.Consumer.
func (c *Consumer) HighWaterMarks() map[string]map[int32]int64 {
	out := map[string]map[int32]int64{}
	for _, p := range c.all() {
		if out[p.topic] == nil {
			out[p.topic] = map[int32]int64{}
		}
		out[p.topic][p.number] = p.high.Load()
	}
	return out
}

func (c *Consumer) all() []*partition {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]*partition, 0, len(c.open))
	for _, p := range c.open {
		out = append(out, p)
	}
	return out
}

// Close implements sarama.Consumer: it ends the partitions of this consumer. The reader stays open.
func (c *Consumer) Close() error {
	for _, p := range c.all() {
		p.AsyncClose()
	}
	return nil
}

// Partitions implements sarama.Consumer.
func (c *Consumer) Partitions(topic string) ([]int32, error) {
	client, err := c.reader.ask()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.reader.ctx, askTimeout)
	defer cancel()
	found, err := kafka.Describe(ctx, client, topic)
	if err != nil {
		return nil, err
	}
	out := make([]int32, found.Partitions)
	for i := range out {
		out[i] = int32(i)
	}
	return out, nil
}

// Topics implements sarama.Consumer.
func (c *Consumer) Topics() ([]string, error) {
	client, err := c.reader.ask()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.reader.ctx, askTimeout)
	defer cancel()
	req := kmsg.NewPtrMetadataRequest()
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("list the topics: %w", err)
	}
	var out []string
	for _, t := range resp.Topics {
		if t.Topic != nil {
			out = append(out, *t.Topic)
		}
	}
	return out, nil
}

// Pause implements sarama.Consumer.
func (c *Consumer) Pause(of map[string][]int32) { c.of(of, (*partition).Pause) }

// Resume implements sarama.Consumer.
func (c *Consumer) Resume(of map[string][]int32) { c.of(of, (*partition).Resume) }

func (c *Consumer) of(of map[string][]int32, do func(*partition)) {
	for topic, numbers := range of {
		for _, n := range numbers {
			c.mu.Lock()
			p := c.open[spot{topic, n}]
			c.mu.Unlock()
			if p != nil {
				do(p)
			}
		}
	}
}

// PauseAll implements sarama.Consumer.
func (c *Consumer) PauseAll() {
	for _, p := range c.all() {
		p.Pause()
	}
}

// ResumeAll implements sarama.Consumer.
func (c *Consumer) ResumeAll() {
	for _, p := range c.all() {
		p.Resume()
	}
}
