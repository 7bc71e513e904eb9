package group

import (
	"fmt"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/lease"
)

// Options say which group it is, and what is to be known of its table. All must be given but
// Linger, NoLease, Mark and Progress.
type Options struct {
	Kafka kafka.Settings
	Names kafka.Names
	Admin *kgo.Client // requests only
	// Source is the topic whose partitions the group shares out, and Changelog the one that
	// they are processed into, as this process has found them.
	Source, Changelog kafka.Topic
	// SessionTimeout is how long the group waits for a member that is silent.
	SessionTimeout time.Duration
	// NoLease trusts the group's session alone.
	NoLease bool
	// Linger is how long a record waits for others to share a request with.
	Linger time.Duration
	// Mark makes the client id of the member from the one of the settings.
	Mark func(clientID string) string
	// Progress is called with the progress records that are met where a partition's start is looked up.
	Progress func(partition int32, r *kgo.Record)
	Events   *events.Listener
}

// leaseFor is how long an answered heartbeat lets the member write. Zero is for ever.
func (o *Options) leaseFor() time.Duration {
	if o.NoLease {
		return 0
	}
	return lease.For(o.SessionTimeout)
}

// CommitEvery bounds what is read again after a kill.
const CommitEvery = 500 * time.Millisecond

// open opens the table's consumer group. The strategy object is stateful: a
// fresh one for each group.
func (o *Options) open() (sarama.ConsumerGroup, error) {
	config, err := o.Kafka.Sarama()
	if err != nil {
		return nil, err
	}
	config.Consumer.Group.Rebalance.Strategy = nil
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyCooperativeSticky()}
	if o.Mark != nil {
		config.ClientID = o.Mark(config.ClientID)
	}
	config.Consumer.Group.Session.Timeout = o.SessionTimeout
	config.Consumer.Group.Heartbeat.Interval = min(kafka.HeartbeatInterval, o.SessionTimeout/4)
	config.Consumer.Offsets.AutoCommit.Interval = CommitEvery
	g, err := sarama.NewConsumerGroup(o.Kafka.Brokers, o.Names.Group, config)
	if err != nil {
		return nil, fmt.Errorf("open the consumer group %s: %w", o.Names.Group, err)
	}
	return g, nil
}
