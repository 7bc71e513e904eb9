package group

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/events"
)

const (
	// Tables that come and go together are told to the group together: after so long without another one, and soonest after so long.
	quiet   = 100 * time.Millisecond
	longest = time.Second
	// Partitions that are given back are told together, unless some take longer.
	together = time.Second

	lookEvery = 20 * time.Millisecond // while something is under way
	endWithin = 5 * time.Second       // for handlers that run when the process leaves
)

// Run takes part in the group until the context is over.
func (m *Member) Run(ctx context.Context) error {
	defer m.client.Close()
	comparing, stop := context.WithCancel(ctx)
	defer stop()
	go m.compareOffsets(comparing)
	pauses := retry.Supervised()
	for ctx.Err() == nil {
		began := time.Now()
		err := m.once(ctx)
		if ctx.Err() != nil {
			break
		}
		m.o.Events.SessionRestarts(events.SessionRestarts{Err: err})
		_ = retry.Pause(ctx, pauses.Failed(time.Since(began)))
	}
	return nil
}

// once is one membership, until it is lost or given up. It joins at once, with whatever tables there are by then: a group that
// was empty waits for more members at the first time only.
func (m *Member) once(ctx context.Context) error {
	id := ""
	j, err := m.round(ctx, nil, &id)
	if err != nil {
		if id != "" {
			m.group.leave(id)
		}
		return err
	}
	s, err := begin(&m.o, m.group, id, j)
	if err != nil { // one that could not write does not stay: others may be able to
		m.group.leave(id)
		return err
	}
	m.o.Events.GroupJoined(events.GroupJoined{Member: id, Generation: j.generation})
	for err == nil {
		m.take(s, j.given)
		if err = m.wait(ctx, s); err == nil {
			j, err = m.round(ctx, s, &id)
		}
	}
	if lost := context.Cause(s.lost); lost != nil || ctx.Err() == nil {
		s.lose(err)
		m.o.Events.MembershipLost(events.MembershipLost{Err: context.Cause(s.lost)})
		m.take(nil, nil)
		s.end()
		m.group.leave(id)
		return context.Cause(s.lost)
	}
	m.giveBack(s)
	s.end()
	m.group.leave(id)
	m.o.Events.GroupLeft(events.GroupLeft{})
	return ctx.Err()
}

// round has the group share out once. It does not wait for handlers that have partitions to give back: those are
// said to be owned until they have returned, so that nobody else waits for them.
func (m *Member) round(ctx context.Context, s *session, id *string) (joined, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	told := func(now string, _ int32) { *id = now }
	generation := int32(-1)
	if s != nil {
		s.joining.Store(true)
		defer s.joining.Store(false)
		defer context.AfterFunc(s.lost, func() { cancel(context.Cause(s.lost)) })()
		told = func(_ string, now int32) { s.generation.Store(now) }
		generation = s.generation.Load()
	}
	for {
		if s != nil {
			select { // what it is told from here on is of the next round
			case <-s.rebalance:
			default:
			}
		}
		j, err := m.group.join(ctx, *id, m.say(generation), told)
		switch {
		case errors.Is(err, errRejoin) && ctx.Err() == nil:
			continue
		case err != nil && s != nil && errors.Is(err, kerr.UnknownMemberID):
			s.lose(err)
		}
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return j, err
	}
}

// say is what the group is told: the tables that ask, and what is owned. From then on others may be given the rest.
func (m *Member) say(generation int32) *subscription {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told = m.now()
	m.told.generation = generation
	maps.DeleteFunc(m.given, func(p place, _ bool) bool { return !m.told.owned[p] })
	return m.told
}

func (m *Member) now() *subscription {
	s := &subscription{topics: map[string]int32{}, owned: map[place]bool{}}
	for name, t := range m.tables {
		s.topics[name] = t.o.Changelog.Partitions
	}
	for p, c := range m.claims {
		if c.owns() {
			s.owned[p] = true
		}
	}
	return s
}

// take begins and ends handlers as the group has decided.
func (m *Member) take(s *session, given map[place]bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.session, m.given = s, map[place]bool{}
	maps.Copy(m.given, given)
	m.settle()
}

// wait returns nil when the group is to share out anew.
func (m *Member) wait(ctx context.Context, s *session) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var since time.Time // when there was something to tell first
	for {
		pending, due := m.news(&since)
		if due {
			return nil
		}
		look := tick.C
		if !pending {
			look = nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.lost.Done():
			return context.Cause(s.lost)
		case <-s.rebalance:
			return nil
		case <-m.changed:
		case <-look:
		}
	}
}

// news reports whether there is something that the group has not been told, or will be, and whether it is to be told now.
func (m *Member) news(since *time.Time) (pending, due bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fence()
	now, ending := m.now(), false
	for _, c := range m.claims {
		ending = ending || !c.revoked.IsZero() && !c.released
	}
	tables := !maps.Equal(now.topics, m.told.topics)
	returned := false
	for p := range m.told.owned {
		returned = returned || !now.owned[p]
	}
	if !tables && !returned {
		*since = time.Time{}
		return ending, false
	}
	if since.IsZero() {
		*since = time.Now()
	}
	waited := time.Since(*since)
	due = tables && (time.Since(m.asked) >= quiet || waited >= longest) || returned && !tables && (!ending || waited >= together)
	return true, due
}

// giveBack ends all handlers and waits for them, for a while.
func (m *Member) giveBack(s *session) {
	m.take(s, nil)
	late := time.NewTimer(endWithin)
	defer late.Stop()
	for m.busy() {
		select {
		case <-m.changed: // a handler has returned
		case <-late.C:
			return
		}
	}
}

// busy reports whether any handler runs.
func (m *Member) busy() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.claims) > 0
}
