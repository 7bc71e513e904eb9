package gokaglue

import (
	"fmt"

	"github.com/IBM/sarama"
)

// Offsets asks for offsets of partitions.
type Offsets interface {
	// GetOffset returns the oldest offset of a partition for sarama.OffsetOldest, and for sarama.OffsetNewest the
	// one behind all of its records, committed or not.
	GetOffset(topic string, partition int32, at int64) (int64, error)
}

// topicManager is what goka asks for topics. The topics were made and checked before goka
// was started, so it makes none and answers from what is known; only offsets are asked for.
type topicManager struct {
	client     Offsets
	partitions map[string]int32
	ends       func(topic string, partition int32, end int64) // called with every end that goka is given
}

// EnsureTableExists implements goka.TopicManager.
func (m *topicManager) EnsureTableExists(topic string, n int) error { return m.check(topic, n) }

// EnsureStreamExists implements goka.TopicManager.
func (m *topicManager) EnsureStreamExists(topic string, n int) error { return m.check(topic, n) }

// EnsureTopicExists implements goka.TopicManager.
func (m *topicManager) EnsureTopicExists(topic string, n, _ int, _ map[string]string) error {
	return m.check(topic, n)
}

func (m *topicManager) check(topic string, n int) error {
	have, ok := m.partitions[topic]
	if !ok {
		return fmt.Errorf("topic %s is none of the table's", topic)
	}
	if int(have) != n {
		return fmt.Errorf("topic %s has %d partitions, want %d", topic, have, n)
	}
	return nil
}

// Partitions implements goka.TopicManager.
func (m *topicManager) Partitions(topic string) ([]int32, error) {
	n, ok := m.partitions[topic]
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
func (m *topicManager) GetOffset(topic string, partition int32, at int64) (int64, error) {
	off, err := m.client.GetOffset(topic, partition, at)
	if err != nil {
		return 0, fmt.Errorf("offset of %s/%d: %w", topic, partition, err)
	}
	if at == sarama.OffsetNewest && m.ends != nil {
		m.ends(topic, partition, off)
	}
	return off, nil
}

// Close implements goka.TopicManager. What asks for offsets is shared by all runs.
func (m *topicManager) Close() error { return nil }
