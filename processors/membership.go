package processors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/group"
	"github.com/tidemark/tidemark/processors/peers"
)

// MembershipOptions say how a process takes part in the group of its installation. Kafka must be given.
type MembershipOptions struct {
	Kafka  kafka.Settings
	Pool   *logread.Pool    // clients that are shared; default: one of its own
	Logger *slog.Logger     // default discards
	Events *events.Listener // has what is logged as calls; optional
	// Linger is how long a record waits for others to share a request with: 0 to 100 ms.
	// Under load requests fill by themselves; default 0.
	Linger time.Duration
	// NoLease trusts the group's session alone. With a lease a process that was paused
	// writes nothing when it wakes up.
	NoLease bool
	// Peers is the address on which instances watch each other: when one dies, its
	// partitions move at once instead of after the session's timeout. Empty: not used.
	// Port 0 takes a free one; the host must be one that the others can reach.
	Peers string
	// SessionTimeout is how long the group waits for a member that is silent. Default
	// six seconds; the brokers bound it, from six seconds up unless they are set otherwise.
	SessionTimeout time.Duration
}

// Validate says what is wrong with the options.
func (o *MembershipOptions) Validate() error {
	var errs []error
	if err := o.Kafka.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("option Kafka: %w", err))
	}
	if o.Linger < 0 || o.Linger > 100*time.Millisecond {
		errs = append(errs, fmt.Errorf("option Linger: %s, want 0 to 100ms", o.Linger))
	}
	if o.Peers != "" {
		if host, _, err := net.SplitHostPort(o.Peers); err != nil || host == "" || net.ParseIP(host).IsUnspecified() {
			errs = append(errs, fmt.Errorf("option Peers: %q, want host:port with a host that the other instances reach", o.Peers))
		}
	}
	return errors.Join(errs...)
}

// Membership is a process's part in the group that shares out the partitions of all tables: one member, one producer
// and one port for peers, whatever the number of tables.
type Membership struct {
	member  *group.Member
	peers   *peers.Watch
	release func() // of the pool

	begin sync.Once
	end   sync.Once
	stop  context.CancelFunc
	ctx   context.Context
	parts sync.WaitGroup
}

// OpenMembership makes a membership, which listens for peers. The first table that needs it joins the group; Close leaves it.
func OpenMembership(o MembershipOptions) (*Membership, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("membership options: %w", err)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.SessionTimeout <= 0 {
		o.SessionTimeout = kafka.SessionTimeout
	}
	told := events.Tee(events.Log(o.Logger), o.Events).EnsureDefaults()
	pool, release := o.Pool.Or(o.Kafka)
	admin, err := pool.Client()
	if err != nil {
		release()
		return nil, err
	}
	m := &Membership{release: release}
	m.ctx, m.stop = context.WithCancel(context.Background())
	if m.peers, err = peers.Open(o.Peers, o.Kafka.MembersGroup(), admin, told); err != nil {
		release()
		return nil, err
	}
	m.member, err = group.Open(group.Options{
		Kafka: o.Kafka, SessionTimeout: o.SessionTimeout, NoLease: o.NoLease, Linger: o.Linger, Mark: m.peers.Mark, Events: told,
	})
	if err != nil {
		m.peers.Close()
		release()
		return nil, err
	}
	return m, nil
}

// Start joins the group, unless that was begun.
func (m *Membership) Start() {
	m.begin.Do(func() {
		m.parts.Go(func() { _ = m.member.Run(m.ctx) })
		m.parts.Go(func() { _ = m.peers.Run(m.ctx) })
	})
}

// Close leaves the group, which the tables have left before. It is the last use of the membership.
func (m *Membership) Close() {
	m.end.Do(func() {
		m.stop()
		m.begin.Do(m.member.Close)
		m.parts.Wait()
		m.peers.Close() // after the group has been left
		m.release()
	})
}

// or returns the membership, and nothing to be done when it is no longer used. Where there is none it is one of the table's own.
func (m *Membership) or(o *Options) (members *Membership, release func(), err error) {
	if m != nil {
		return m, func() {}, nil
	}
	own, err := OpenMembership(o.ownMembership())
	if err != nil {
		return nil, nil, err
	}
	return own, own.Close, nil
}

// ownMembership is what a table without one has of its own.
func (o *Options) ownMembership() MembershipOptions {
	return MembershipOptions{
		Kafka: o.Kafka, Pool: o.Pool, Linger: o.Linger, NoLease: o.NoLease, Peers: o.Peers, SessionTimeout: o.SessionTimeout,
		Logger: o.Logger, Events: o.Events,
	}
}
