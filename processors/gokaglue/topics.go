package gokaglue

import (
	"fmt"

	"github.com/IBM/sarama"
)

// knownTopics is goka's topic manager. The topics were made and checked before goka
// was started, so it makes none and answers from what is known; only offsets are asked for.
type knownTopics struct {
	client     sarama.Client
	partitions map[string]int32
	ends       func(topic string, partition int32, end int64) // called with every end that goka is given
}

// EnsureTableExists implements goka.TopicManager.
func (k *knownTopics) EnsureTableExists(topic string, n int) error { return k.check(topic, n) }

// EnsureStreamExists implements goka.TopicManager.
func (k *knownTopics) EnsureStreamExists(topic string, n int) error { return k.check(topic, n) }

// EnsureTopicExists implements goka.TopicManager.
func (k *knownTopics) EnsureTopicExists(topic string, n, _ int, _ map[string]string) error {
	return k.check(topic, n)
}

func (k *knownTopics) check(topic string, n int) error {
	have, ok := k.partitions[topic]
	if !ok {
		return fmt.Errorf("topic %s is none of the table's", topic)
	}
	if int(have) != n {
		return fmt.Errorf("topic %s has %d partitions, want %d", topic, have, n)
	}
	return nil
}

// Partitions implements goka.TopicManager.
func (k *knownTopics) Partitions(topic string) ([]int32, error) {
	n, ok := k.partitions[topic]
	if !ok {
		return nil, fmt.Errorf("topic %s is none of the table's", topic)
	}
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out, nil
}

// GetOffset implements goka.TopicManager.
func (k *knownTopics) GetOffset(topic string, partition int32, at int64) (int64, error) {
	off, err := k.client.GetOffset(topic, partition, at)
	if err != nil {
		return 0, fmt.Errorf("offset of %s/%d: %w", topic, partition, err)
	}
	if at == sarama.OffsetNewest && k.ends != nil {
		k.ends(topic, partition, off)
	}
	return off, nil
}

// Close implements goka.TopicManager. The client is shared by all runs.
func (k *knownTopics) Close() error { return nil }
