package group

import (
	"context"
	"errors"
	"hash/fnv"
	"log/slog"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/processors/lease"
)

var errNoBeats = errors.New("no connection for the lease's heartbeats: nothing could be written")

// session is one membership in the group, across cooperative rebalances, with the producer
// that writes for it.
type session struct {
	group    sarama.ConsumerGroupSession
	producer *lease.Producer
	instance uint8 // tells writers apart in the stamps
	logger   *slog.Logger

	lease *lease.Lease
	name  string // of the group
	over  context.CancelFunc
	ended chan struct{}
}

// begin opens what a session needs. One that could not write, or not renew its lease, does
// not begin: others may be able to.
func (m *Member) begin(g sarama.ConsumerGroupSession) (*session, error) {
	l := lease.New(m.opts.leaseFor())
	p, err := lease.Open(m.opts.Kafka, l, m.opts.Linger)
	if err != nil {
		return nil, err
	}
	beats, err := m.openBeats()
	if err != nil {
		p.Close()
		return nil, err
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(g.MemberID()))
	s := &session{
		group: g, producer: p, instance: uint8(h.Sum32()), logger: m.opts.Logger,
		lease: l, name: m.opts.Names.Group, ended: make(chan struct{}),
	}
	ctx, over := context.WithCancel(context.WithoutCancel(g.Context()))
	s.over = over
	go func() {
		defer close(s.ended)
		s.guard(ctx, beats)
	}()
	return s, nil
}

// openBeats opens the connection of the lease's own heartbeats; without a lease there is none.
func (m *Member) openBeats() (*kgo.Client, error) {
	if m.opts.NoLease {
		return nil, nil
	}
	dial := m.dial
	if dial == nil {
		dial = func() (*kgo.Client, error) { return m.opts.Kafka.Client() }
	}
	client, err := dial()
	if err != nil {
		return nil, errors.Join(errNoBeats, err)
	}
	return client, nil
}

// guard keeps the lease alive while the session lasts. When the membership is lost,
// and not given up, whatever is still buffered must not be written any more.
func (s *session) guard(ctx context.Context, beats *kgo.Client) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		if beats != nil {
			s.keepLease(ctx, beats)
		}
	}()
	select {
	case <-ctx.Done():
	case <-s.group.Context().Done():
		if cause := context.Cause(s.group.Context()); !errors.Is(cause, context.Canceled) {
			s.logger.Warn("membership in the group lost", "error", cause)
			s.lease.Lose()
			s.producer.Close()
		}
		<-ctx.Done() // partitions that are given back still need the lease
	}
	<-over
}

// end ends the lease's heartbeats, and fails what is still buffered.
func (s *session) end() {
	s.over()
	<-s.ended
	s.producer.Close()
}

// reset makes a partition's committed offset another one, which may be a lower one.
func (s *session) reset(topic string, partition int32, offset int64) {
	s.group.ResetOffset(topic, partition, offset, "")
	s.group.Commit()
}
