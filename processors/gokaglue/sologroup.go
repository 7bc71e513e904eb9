package gokaglue

import (
	"context"
	"errors"

	"github.com/IBM/sarama"
)

// soloGroup is the consumer group that a partition's goka processor sees: a session
// with this partition as its only claim, for as long as the run lasts. The real
// group is the coordinator's, and lives on while runs come and go.
type soloGroup struct {
	topics    []string
	partition int32
	messages  <-chan *sarama.ConsumerMessage
	recovered func() error                   // called once the table is recovered, before the first message
	commit    func(topic string, next int64) // called when a message is done
}

// Consume implements sarama.ConsumerGroup. It never returns nil unless the context
// is over: goka would wait for five seconds and begin again.
func (g *soloGroup) Consume(ctx context.Context, _ []string, h sarama.ConsumerGroupHandler) error {
	s := &soloSession{ctx: ctx, group: g}
	err := h.Setup(s)
	if err == nil && ctx.Err() == nil {
		err = g.recovered()
	}
	if err == nil && ctx.Err() == nil {
		err = h.ConsumeClaim(s, soloClaim{g})
	}
	err = errors.Join(err, h.Cleanup(s))
	if err == nil && ctx.Err() == nil {
		return errOver
	}
	return err
}

// Errors implements sarama.ConsumerGroup.
func (g *soloGroup) Errors() <-chan error { return nil }

// Close implements sarama.ConsumerGroup.
func (g *soloGroup) Close() error { return nil }

// Pause implements sarama.ConsumerGroup.
func (g *soloGroup) Pause(map[string][]int32) {}

// Resume implements sarama.ConsumerGroup.
func (g *soloGroup) Resume(map[string][]int32) {}

// PauseAll implements sarama.ConsumerGroup.
func (g *soloGroup) PauseAll() {}

// ResumeAll implements sarama.ConsumerGroup.
func (g *soloGroup) ResumeAll() {}

type soloSession struct {
	ctx   context.Context
	group *soloGroup
}

// Claims implements sarama.ConsumerGroupSession.
func (s *soloSession) Claims() map[string][]int32 {
	out := make(map[string][]int32, len(s.group.topics))
	for _, t := range s.group.topics {
		out[t] = []int32{s.group.partition}
	}
	return out
}

// MemberID implements sarama.ConsumerGroupSession.
func (s *soloSession) MemberID() string { return "" }

// GenerationID implements sarama.ConsumerGroupSession.
func (s *soloSession) GenerationID() int32 { return 0 }

// MarkOffset implements sarama.ConsumerGroupSession: goka says that what is before the offset is done,
// though it only knows that of the message before it.
func (s *soloSession) MarkOffset(topic string, _ int32, next int64, _ string) {
	s.group.commit(topic, next)
}

// Commit implements sarama.ConsumerGroupSession.
func (s *soloSession) Commit() {}

// ResetOffset implements sarama.ConsumerGroupSession.
func (s *soloSession) ResetOffset(string, int32, int64, string) {}

// MarkMessage implements sarama.ConsumerGroupSession.
func (s *soloSession) MarkMessage(m *sarama.ConsumerMessage, _ string) {
	s.group.commit(m.Topic, m.Offset+1)
}

// Context implements sarama.ConsumerGroupSession.
func (s *soloSession) Context() context.Context { return s.ctx }

// soloClaim carries the messages of all the run's topics, in the order in which the feeder sends them.
type soloClaim struct{ group *soloGroup }

// Topic implements sarama.ConsumerGroupClaim.
func (c soloClaim) Topic() string { return c.group.topics[0] }

// Partition implements sarama.ConsumerGroupClaim.
func (c soloClaim) Partition() int32 { return c.group.partition }

// InitialOffset implements sarama.ConsumerGroupClaim.
func (c soloClaim) InitialOffset() int64 { return 0 }

// HighWaterMarkOffset implements sarama.ConsumerGroupClaim.
func (c soloClaim) HighWaterMarkOffset() int64 { return 0 }

// Messages implements sarama.ConsumerGroupClaim.
func (c soloClaim) Messages() <-chan *sarama.ConsumerMessage { return c.group.messages }
