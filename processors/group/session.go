package group

import (
	"context"
	"errors"
	"hash/fnv"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/lease"
)

var errNoBeats = errors.New("no connection for the lease's heartbeats: nothing could be written")

// session is one membership in the group, across cooperative rebalances, with the producer
// that writes for it.
type session struct {
	group    sarama.ConsumerGroupSession
	producer *lease.Producer
	instance uint8 // distinguishes writers in the stamps
	events   *events.Listener

	lease *lease.Lease
	over  context.CancelFunc
	ended chan struct{}
}

// begin opens what a session needs. One that could not write, or not renew its lease, does
// not begin: others may be able to.
func begin(o *Options, g sarama.ConsumerGroupSession, dial func() (*kgo.Client, error)) (*session, error) {
	l := lease.New(o.leaseFor())
	p, err := lease.Open(o.Kafka, l, o.Linger)
	if err != nil {
		return nil, err
	}
	beats, err := openBeats(o, dial)
	if err != nil {
		p.Close()
		return nil, err
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(g.MemberID()))
	s := &session{
		group: g, producer: p, instance: uint8(h.Sum32()), events: o.Events,
		lease: l, ended: make(chan struct{}),
	}
	ctx, over := context.WithCancel(context.WithoutCancel(g.Context()))
	s.over = over
	go func() {
		defer close(s.ended)
		s.guard(ctx, o.Names.Group, beats)
	}()
	return s, nil
}

// openBeats opens the connection of the lease's own heartbeats; without a lease there is none.
func openBeats(o *Options, dial func() (*kgo.Client, error)) (*kgo.Client, error) {
	if o.NoLease {
		return nil, nil
	}
	if dial == nil {
		dial = func() (*kgo.Client, error) { return o.Kafka.Client() }
	}
	client, err := dial()
	if err != nil {
		return nil, errors.Join(errNoBeats, err)
	}
	return client, nil
}

// guard keeps the lease alive while the session lasts. When the membership is lost,
// and not given up, whatever is still buffered must not be written any more.
func (s *session) guard(ctx context.Context, name string, beats *kgo.Client) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		if beats != nil {
			keepLease(ctx, s.lease, beats, name, s.group)
		}
	}()
	select {
	case <-ctx.Done():
	case <-s.group.Context().Done():
		if cause := context.Cause(s.group.Context()); !errors.Is(cause, context.Canceled) {
			s.events.MembershipLost(events.MembershipLost{Err: cause})
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
