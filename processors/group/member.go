package group

import (
	"context"
	"fmt"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/events"
)

// Handler is called with the partitions that the group gives to this member.
type Handler interface {
	// Assigned owns the partition from now on, until the context is over: it is to return
	// soon then, and not before. What it has begun has ended when it returns: the next
	// owner begins then. Each partition has a goroutine of its own.
	Assigned(ctx context.Context, a *Assignment)
}

// Member is this process in the table's one real consumer group. A claim of the group
// says who owns a partition, no more: its messages are neither fetched nor used.
type Member struct {
	opts    Options
	group   sarama.ConsumerGroup
	handler Handler
	owners  lastOwners

	dial func() (*kgo.Client, error) // of the lease's heartbeats; for tests

	session *session // nil when it could not begin
}

// Open connects to the group. Run joins it.
func Open(o Options, h Handler) (*Member, error) {
	g, err := o.open()
	if err != nil {
		return nil, err
	}
	m := newMember(o, h)
	m.group = g
	return m, nil
}

func newMember(o Options, h Handler) *Member {
	if o.Progress == nil {
		o.Progress = func(int32, *kgo.Record) {}
	}
	return &Member{opts: o, handler: h, owners: lastOwners{busy: make(chan struct{}, 1)}}
}

// Run takes part in the group until the context is over.
func (m *Member) Run(ctx context.Context) error {
	go func() {
		for err := range m.group.Errors() {
			m.opts.Events.GroupError(events.GroupError{Err: err})
		}
	}()
	pauses := retry.Supervised()
	for ctx.Err() == nil {
		began := time.Now()
		err := m.group.Consume(ctx, []string{m.opts.Source.Name}, m)
		if ctx.Err() != nil {
			break
		}
		m.opts.Events.SessionRestarts(events.SessionRestarts{Err: err})
		_ = retry.Pause(ctx, pauses.Failed(time.Since(began)))
	}
	if err := m.group.Close(); err != nil {
		return fmt.Errorf("leave the group: %w", err)
	}
	return nil
}

// Setup implements sarama.ConsumerGroupHandler: a session begins.
func (m *Member) Setup(g sarama.ConsumerGroupSession) error {
	m.session = nil
	s, err := begin(&m.opts, g, m.dial)
	if err != nil {
		return err
	}
	m.session = s
	m.opts.Events.GroupJoined(events.GroupJoined{Member: g.MemberID(), Generation: g.GenerationID()})
	return nil
}

// Cleanup implements sarama.ConsumerGroupHandler: every claim has returned.
func (m *Member) Cleanup(sarama.ConsumerGroupSession) error {
	if m.session == nil {
		return nil
	}
	m.session.end()
	m.opts.Events.GroupLeft(events.GroupLeft{})
	return nil
}

// ConsumeClaim implements sarama.ConsumerGroupHandler: the partition is ours until
// the claim's messages end.
func (m *Member) ConsumeClaim(g sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	m.group.Pause(map[string][]int32{c.Topic(): {c.Partition()}})
	ctx, cancel := context.WithCancel(g.Context())
	defer cancel()
	go func() {
		defer cancel()
		for range c.Messages() { //nolint:revive // what was fetched before the pause
		}
	}()
	m.handler.Assigned(ctx, &Assignment{
		Partition: c.Partition(), Producer: m.session.producer, member: m, session: m.session, initial: c.InitialOffset(),
	})
	return nil
}
