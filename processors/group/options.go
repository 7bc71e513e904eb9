package group

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/lease"
)

// Options say which group a process joins, and how. All must be given but Linger, NoLease and Mark.
type Options struct {
	Kafka kafka.Settings
	// SessionTimeout is how long the group waits for a member that is silent.
	SessionTimeout time.Duration
	// NoLease trusts the group's session alone.
	NoLease bool
	// Linger is how long a record waits for others to share a request with.
	Linger time.Duration
	// Mark makes the client id of the member from the one of the settings.
	Mark   func(clientID string) string
	Events *events.Listener

	giveBackWithin time.Duration // that a handler may take to return; for tests, else the group's rebalance timeout
}

// TableOptions say which table it is whose partitions are shared out. All must be given but Progress and Waits.
type TableOptions struct {
	Names kafka.Names
	Admin *kgo.Client // requests only
	// Source is the topic whose offsets are committed, and Changelog the one that it is processed into, as this
	// process has found them. They have the same number of partitions.
	Source, Changelog kafka.Topic
	// Progress is called with the progress records that are met where a partition's start is looked up.
	Progress func(partition int32, r *kgo.Record)
	// Waits is called with why the table's partitions are not asked for, and with nil when they are.
	Waits  func(error)
	Events *events.Listener
}

// leaseFor is how long an answered heartbeat lets the member write. Zero is for ever.
func (o *Options) leaseFor() time.Duration {
	if o.NoLease {
		return 0
	}
	return lease.For(o.SessionTimeout)
}

// beatEvery is the pace of heartbeats.
func (o *Options) beatEvery() time.Duration {
	pace := min(kafka.HeartbeatInterval, o.SessionTimeout/4)
	if d := o.leaseFor(); d > 0 {
		pace = min(pace, d/4)
	}
	return pace
}

// open opens the client of the group's own requests: some of them wait for other members.
func (o *Options) open() (*kgo.Client, error) {
	s := o.Kafka
	if o.Mark != nil {
		s = s.Marked(o.Mark)
	}
	return s.Client()
}
