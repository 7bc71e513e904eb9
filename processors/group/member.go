package group

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

// Handler is called with the partitions that the group gives to this process.
type Handler interface {
	// Assigned owns the partition from now on, until the context is over: it is to return
	// soon then, and not before. What it has begun has ended when it returns: the next
	// owner begins then. Each partition has a goroutine of its own.
	Assigned(ctx context.Context, a *Assignment)
}

// Member is this process in the one real consumer group of its installation. The group says who owns a partition of a
// table, no more: the partitions are those of the changelogs, and nothing is fetched from them by it. Tables come and go
// while it runs, and those that stay do not notice.
type Member struct {
	o      Options
	client *kgo.Client
	group  *coordinator
	pace   pace

	changed chan struct{} // something below; for one

	mu      sync.Mutex
	tables  map[string]*Table // that ask for their partitions, by changelog
	asked   time.Time         // when that changed last
	claims  map[place]*claim  // whose handlers run
	given   map[place]bool    // by the group, at last
	session *session          // nil: not a member
	told    *subscription     // what the group was told at last
}

// Open makes the member. Run joins the group.
func Open(o Options) (*Member, error) {
	if o.giveBackWithin == 0 {
		o.giveBackWithin = kafka.RebalanceTimeout
	}
	client, err := o.open()
	if err != nil {
		return nil, err
	}
	return &Member{
		o: o, client: client, group: &coordinator{client: client, group: o.Kafka.MembersGroup(), sessionTimeout: o.SessionTimeout},
		changed: make(chan struct{}, 1), tables: map[string]*Table{}, claims: map[place]*claim{}, given: map[place]bool{},
	}, nil
}

// Close closes a member that has never run.
func (m *Member) Close() { m.client.Close() }

// Table makes a table's part in the membership; its Run asks for the partitions.
func (m *Member) Table(o TableOptions, h Handler) *Table {
	if o.Progress == nil {
		o.Progress = func(int32, *kgo.Record) {}
	}
	if o.Waits == nil {
		o.Waits = func(error) {}
	}
	return &Table{
		m: m, o: o, handler: h, offsets: newOffsets(), intruder: make(chan struct{}, 1),
		changelog: newLook[kafka.Topic](), owners: newLook[map[int32]lastOwner](), group: newLook[kadm.OffsetResponses](),
	}
}

func (m *Member) subscribe(t *Table) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tables[t.o.Changelog.Name] != nil {
		return fmt.Errorf("%s: %w", t.o.Changelog.Name, ErrTaken)
	}
	m.tables[t.o.Changelog.Name] = t
	m.asked = time.Now()
	m.settle() // what is still given from before is begun at once
	m.tell()
	return nil
}

func (m *Member) unsubscribe(t *Table) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.tables, t.o.Changelog.Name)
	m.asked = time.Now()
	m.settle()
	m.tell()
}

// subscribed returns the tables that ask for their partitions.
func (m *Member) subscribed() []*Table {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*Table
	for _, t := range m.tables {
		out = append(out, t)
	}
	return out
}

func (m *Member) tell() {
	wake(m.changed)
}

// wake wakes whoever waits for a channel of one element.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is awake
	}
}
