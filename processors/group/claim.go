package group

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/processors/events"
)

// claim is a partition in the hands of its table's handler, from when it is given to this process until the handler
// has returned.
type claim struct {
	place
	table      *Table
	assignment *Assignment
	cancel     context.CancelFunc
	// revoked is when the handler was told to return; zero while it need not. released says that it has not done so in
	// time: it cannot write any more, and others may own the partition.
	revoked  time.Time
	released bool
}

// owns reports whether nobody else may be given the partition.
func (c *claim) owns() bool { return !c.released && c.assignment.session.lost.Err() == nil }

// settle begins what this process owns and has not begun, and ends what it does not own any more. It is called after
// whatever changes that, with the lock held.
func (m *Member) settle() {
	for p, c := range m.claims {
		if c.revoked.IsZero() && (!m.given[p] || m.tables[p.topic] != c.table || c.assignment.session != m.session) {
			c.revoked = time.Now()
			c.cancel()
		}
	}
	if m.session == nil || m.session.lost.Err() != nil {
		return
	}
	for p := range m.given {
		if t := m.tables[p.topic]; t != nil && m.claims[p] == nil {
			m.claim(t, p)
		}
	}
}

func (m *Member) claim(t *Table, p place) {
	ctx, cancel := context.WithCancel(context.Background())
	c := &claim{place: p, table: t, cancel: cancel, assignment: &Assignment{
		Partition: p.partition, Producer: m.session.producer.Part(), table: t, session: m.session,
	}}
	m.claims[p] = c
	t.running.Add(1)
	go func() {
		defer t.running.Done()
		t.handler.Assigned(ctx, c.assignment)
		cancel()
		t.release(c.assignment) // the next owner begins there
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.claims, p)
		m.settle()
		m.tell()
	}()
}

// release commits how far the partition is, if it is still this process's, and forgets it.
func (t *Table) release(a *Assignment) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	t.commit(ctx)
	t.offsets.forget(a.Partition, a.session)
}

// fence takes partitions from handlers that have not returned in time, so that the others need not wait for them: what
// such a handler sends from then on fails, and what it has sent before has been answered by now.
func (m *Member) fence() {
	for _, c := range m.claims {
		if !c.revoked.IsZero() && !c.released && time.Since(c.revoked) > m.o.giveBackWithin {
			c.released = true
			c.assignment.Producer.Revoke()
			c.table.o.Events.PartitionNotGivenBack(events.PartitionNotGivenBack{
				Scope: events.Scope{Partition: c.partition}, After: m.o.giveBackWithin,
			})
		}
	}
}
