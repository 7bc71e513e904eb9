package processors

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/processors/rekey"
)

// shared is what all sessions and partitions of a running table use.
type shared struct {
	opts    *Options
	names   kafka.Names
	status  *statuses
	metrics *metrics
	catalog *batch.Catalog
	logger  *slog.Logger

	admin       *kgo.Client // requests only
	sourceTopic string
	partitions  int32
	sourceID    [16]byte
	changelogID [16]byte
	owners      lastOwners
	doubts      *doubts
	outruns     *outruns
	// toldUnreadable has the topics of which it was said that a record cannot be read.
	toldUnreadable sync.Map
	limit          recordLimit
	fingerprint    uint32
	columns        int

	// Clients of their own: a request of the group's client may wait for a dead member,
	// and Kafka answers the requests of a connection in order.
	data     sarama.Consumer // source and control topic
	recovery sarama.Consumer // changelog
	offsets  sarama.Client

	recall *recall // what was told of the partitions' health before
	table  *health // of the table as a whole; the owner of partition 0 tells it

	stage *rekey.Stage // places the source's records by their keys; nil where their own partitions do
}

// session is the membership in the group, across cooperative rebalances.
type session struct {
	*shared
	group    sarama.ConsumerGroupSession
	writer   *writer
	instance uint8 // tells writers apart in the stamps
}

func (s *session) generation() uint32 { return uint32(s.group.GenerationID()) }

// member is the handler of the table's one real consumer group. A claim of the group
// tells who owns a partition, no more: its messages are neither fetched nor used.
type member struct {
	*shared
	pause func(topic string, partition int32)

	dial func() (*kgo.Client, error) // of the lease's heartbeats; for tests

	session *session // nil when it could not begin
	over    context.CancelFunc
	ended   chan struct{}
}

// Setup implements sarama.ConsumerGroupHandler: a session begins. One that could not
// write, or not renew its lease, does not: others may be able to.
func (m *member) Setup(g sarama.ConsumerGroupSession) error {
	m.session = nil
	l := newLease(m.opts.leaseFor())
	w, err := newWriter(m.opts.Kafka, l, m.opts.Linger)
	if err != nil {
		return err
	}
	beats, err := m.openBeats()
	if err != nil {
		w.close()
		return err
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(g.MemberID()))
	m.session = &session{shared: m.shared, group: g, writer: w, instance: uint8(h.Sum32())}
	ctx, over := context.WithCancel(context.WithoutCancel(g.Context()))
	m.over, m.ended = over, make(chan struct{})
	m.logger.Info("joined the group", "member", g.MemberID(), "generation", g.GenerationID())
	go func() {
		defer close(m.ended)
		m.guard(ctx, l, w, g, beats)
	}()
	return nil
}

// guard keeps the lease alive while the session lasts. When the membership is lost,
// and not given up, whatever is still buffered must not be written any more.
func (m *member) guard(ctx context.Context, l *lease, w *writer, g sarama.ConsumerGroupSession, beats *kgo.Client) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		if beats != nil {
			m.keepLease(ctx, l, g, beats)
		}
	}()
	select {
	case <-ctx.Done():
	case <-g.Context().Done():
		if cause := context.Cause(g.Context()); !errors.Is(cause, context.Canceled) {
			m.logger.Warn("membership in the group lost", "error", cause)
			l.lose()
			w.close()
		}
		<-ctx.Done() // partitions that are given back still need the lease
	}
	<-over
}

// Cleanup implements sarama.ConsumerGroupHandler: every claim has returned.
func (m *member) Cleanup(sarama.ConsumerGroupSession) error {
	if m.session == nil {
		return nil
	}
	m.over()
	<-m.ended
	m.session.writer.close()
	m.logger.Info("left the group")
	return nil
}

// ConsumeClaim implements sarama.ConsumerGroupHandler: the partition is ours until
// the claim's messages end.
func (m *member) ConsumeClaim(_ sarama.ConsumerGroupSession, sc sarama.ConsumerGroupClaim) error {
	partition := sc.Partition()
	m.pause(sc.Topic(), partition)
	ctx, cancel := context.WithCancel(m.session.group.Context())
	defer cancel()
	go func() {
		defer cancel()
		for range sc.Messages() { //nolint:revive // what was fetched before the pause
		}
	}()
	if m.stage != nil && partition < m.partitions {
		placed := make(chan struct{})
		go func() {
			defer close(placed)
			m.stage.Run(ctx, partition)
		}()
		defer func() {
			cancel()
			<-placed // the next owner begins where this one ends
		}()
	}
	m.metrics.owned.Inc()
	defer m.metrics.owned.Dec()
	defer m.status.released(partition)
	if partition >= m.partitions {
		err := &kafka.PartitionsError{Topic: m.sourceTopic, Want: m.partitions, Got: partition + 1, Source: true}
		m.status.failed(partition, err)
		<-ctx.Done()
		return nil
	}
	start, err := m.start(ctx, partition, sc.InitialOffset())
	if err != nil {
		return nil //nolint:nilerr // the partition was taken back before it began
	}
	c, err := m.session.newClaim(partition, start)
	if err != nil {
		m.status.failed(partition, err)
		m.logger.Error("partition not processed", "partition", partition, "error", err)
		<-ctx.Done()
		return nil
	}
	c.logger.Info("partition taken over", "from", start, "generation", c.generation())
	c.supervise(ctx)
	c.logger.Info("partition given back", "at", c.queue.watermark())
	return nil
}

// join takes part in the group until the context is over.
func (m *member) join(ctx context.Context, g sarama.ConsumerGroup) error {
	go func() {
		for err := range g.Errors() {
			m.logger.Warn("consumer group", "error", err)
		}
	}()
	pauses := retry.Supervised()
	for ctx.Err() == nil {
		began := time.Now()
		err := g.Consume(ctx, []string{m.sourceTopic}, m)
		if ctx.Err() != nil {
			break
		}
		m.logger.Warn("session in the group ended, another begins", "error", err)
		_ = retry.Pause(ctx, pauses.Failed(time.Since(began)))
	}
	if err := g.Close(); err != nil {
		return fmt.Errorf("leave the group: %w", err)
	}
	return nil
}

// openGroup opens the table's consumer group. The strategy object is stateful: a
// fresh one for each group.
func openGroup(s kafka.Settings, group string, sessionTimeout time.Duration, mark func(string) string) (sarama.ConsumerGroup, error) {
	config, err := s.Sarama()
	if err != nil {
		return nil, err
	}
	config.Consumer.Group.Rebalance.Strategy = nil
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyCooperativeSticky()}
	config.ClientID = mark(config.ClientID)
	config.Consumer.Group.Session.Timeout = sessionTimeout
	config.Consumer.Group.Heartbeat.Interval = min(kafka.HeartbeatInterval, sessionTimeout/4)
	config.Consumer.Offsets.AutoCommit.Interval = commitEvery
	g, err := sarama.NewConsumerGroup(s.Brokers, group, config)
	if err != nil {
		return nil, fmt.Errorf("open the consumer group %s: %w", group, err)
	}
	return g, nil
}

// commitEvery bounds what is read again after a kill.
const commitEvery = 500 * time.Millisecond
