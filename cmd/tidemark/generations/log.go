package generations

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/tables"
)

// Log is a table's generations topic.
type Log struct {
	settings kafka.Settings
	pool     *logread.Pool
	table    *tables.Table
	topic    string
	id       string // of this process
	events   *events.Listener
	clock    func() time.Time

	mu      sync.Mutex
	state   State
	changed chan struct{}
}

// Open returns the log of a table's generations. Nothing is read before Follow. The pool
// is of the same settings; its listener has no nil funcs.
func Open(s kafka.Settings, pool *logread.Pool, t *tables.Table, listener *events.Listener) *Log {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never returns an error
	return &Log{
		settings: s, pool: pool, table: t, topic: s.Names(t).Generations, id: hex.EncodeToString(id[:]),
		events: listener, clock: time.Now, state: newState(), changed: make(chan struct{}),
	}
}

// ID names this process among the members.
func (l *Log) ID() string { return l.id }

// State returns what the topic says, and a channel that is closed when it says more.
func (l *Log) State() (State, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.clone(), l.changed
}

// Known waits until the topic has been read up to where it ended at the start, and returns
// what it says. It fails when a later version of the program wrote that. Follow must run.
func (l *Log) Known(ctx context.Context) (State, error) {
	return l.await(ctx, func(s *State) (bool, error) { return s.Known(), s.Newer })
}

// await waits until the state is what is waited for, or done returns an error.
func (l *Log) await(ctx context.Context, done func(*State) (bool, error)) (State, error) {
	for {
		s, changed := l.State()
		if ok, err := done(&s); ok || err != nil {
			return s, err
		}
		select {
		case <-ctx.Done():
			return s, context.Cause(ctx)
		case <-changed:
		}
	}
}

// again is the pause before the topic is followed again.
const again = time.Second

// Follow reads the topic until the context ends; brokers that are away are waited for.
func (l *Log) Follow(ctx context.Context) error {
	for {
		err := l.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		l.events.RecordNotFollowed(events.RecordNotFollowed{Topic: l.topic, Err: err})
		l.note(func(s *State) { s.Err = err })
		if retry.Pause(ctx, again) != nil {
			return nil
		}
	}
}

func (l *Log) follow(ctx context.Context) error {
	maker, err := l.pool.Maker()
	if err != nil {
		return err
	}
	if err := kafka.EnsureGenerations(ctx, maker, l.settings, l.table); err != nil {
		return err
	}
	client, err := l.pool.Client()
	if err != nil {
		return err
	}
	ends, err := kafka.EndOffsets(ctx, client, l.topic)
	if err != nil {
		return err
	}
	l.note(func(s *State) { s.until, s.Err = ends[0], nil })
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return l.skipMissing(ctx, client) })
	g.Go(func() error {
		start := logread.Start{l.topic: {0: kgo.NewOffset().AtStart()}}
		return l.pool.Follow(ctx, start, l.take, func(_ string, _ int32, err error) {
			fail(fmt.Errorf("read topic %s: %w", l.topic, err))
		})
	})
	return g.Wait()
}

func (l *Log) take(r *kgo.Record) {
	now := l.clock()
	l.note(func(s *State) {
		if err := s.take(r.Offset, r.Key, r.Value, now); err != nil {
			l.events.RecordNotUsed(events.RecordNotUsed{Offset: r.Offset, Err: err})
		}
	})
}

// skipMissing looks now and then whether what is still to be read has been compacted away.
func (l *Log) skipMissing(ctx context.Context, client *kgo.Client) error {
	tick := time.NewTicker(again)
	defer tick.Stop()
	for l.behind() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		if err := l.skip(ctx, client); err != nil {
			return err
		}
	}
	return nil
}

// behind reports whether the topic has had more than was read.
func (l *Log) behind() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.state.Known()
}

// skip goes to the end, when nothing is left before it.
func (l *Log) skip(ctx context.Context, c *kgo.Client) error {
	topic, err := kafka.Describe(ctx, c, l.topic)
	if err != nil {
		return err
	}
	l.mu.Lock()
	from, end := l.state.next, l.state.until
	l.mu.Unlock()
	left, err := logread.Deliverable(ctx, c, topic, 0, from, end)
	if err != nil {
		return err
	}
	if !left {
		l.note(func(s *State) { s.next = max(s.next, end) })
	}
	return nil
}

// note changes the state and wakes who waits for it.
func (l *Log) note(change func(*State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.state)
	close(l.changed)
	l.changed = make(chan struct{})
}

// ErrLost is returned by Propose when another process was faster: what is wanted must
// be thought over again.
var ErrLost = errors.New("another process has changed the table's generations meanwhile")

// Propose writes the record that follows the one of the state, and returns nil once
// it is the one that counts. Follow must run.
func (l *Log) Propose(ctx context.Context, from State, next wire.GenerationRecord) error {
	next.Number, next.Writer, next.At = from.Record.Number+1, l.id, l.clock().UTC()
	value, err := wire.AppendGenerationRecord(nil, next)
	if err != nil {
		return err
	}
	key := wire.GenerationRecordKey(next.Number, l.id)
	if err := l.write(ctx, &kgo.Record{Topic: l.topic, Key: key, Value: value}); err != nil {
		return fmt.Errorf("write the record of generations: %w", err)
	}
	s, err := l.await(ctx, func(s *State) (bool, error) {
		return s.winners[next.Number] == l.id || s.Record.Number >= next.Number && s.Known(), nil
	})
	switch {
	case err != nil:
		return fmt.Errorf("wait for the record of generations: %w", err)
	case s.winners[next.Number] != l.id:
		return ErrLost
	}
	return l.tidy(ctx, s)
}

// Tell writes what this process does with the generations; nil says that it ends.
func (l *Log) Tell(ctx context.Context, m *wire.Member) error {
	r := &kgo.Record{Topic: l.topic, Key: wire.MemberKey(l.id)}
	if m != nil {
		r.Value = wire.AppendMember(nil, *m)
	}
	return l.write(ctx, r)
}

// tidy removes records that can no longer count, and those of processes long gone.
func (l *Log) tidy(ctx context.Context, s State) error {
	var gone []*kgo.Record
	for _, key := range s.stale(l.clock()) {
		gone = append(gone, &kgo.Record{Topic: l.topic, Key: []byte(key)})
	}
	if len(gone) == 0 {
		return nil
	}
	if err := l.write(ctx, gone...); err != nil {
		l.events.RecordNotPruned(events.RecordNotPruned{Err: err}) // the next step does
	}
	return nil
}

func (l *Log) write(ctx context.Context, records ...*kgo.Record) error {
	c, err := l.pool.Client()
	if err != nil {
		return err
	}
	return c.ProduceSync(ctx, records...).FirstErr()
}
