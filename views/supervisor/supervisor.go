package supervisor

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/localdb"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/metrics"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/topics"
)

// Options say what is kept current, and where. What is not said to be optional is required.
type Options struct {
	Table        *tables.Table
	Kafka        kafka.Settings
	Pool         *logread.Pool    // of clients; nil: one of its own
	Events       *events.Listener // optional
	StoreOptions replica.StoreOptions
	Log          *slog.Logger // of libraries
	Registerer   prometheus.Registerer
	Clock        func() time.Time
	Logs         *progress.Logs // optional
	RowsDir      string
	Databases    *localdb.Shared // what the rows on disk share with other databases
	BatchesDir   string
	PollEvery    time.Duration
	WatchEvery   time.Duration
	OutrunEvery  time.Duration
	// Seeded says that the table's generation is filled from an older one.
	Seeded       bool
	CompactAfter int                       // 0: the store's own default
	Disputed     func(batch uint64)        // optional
	Outrun       func([]wire.DuplicateKey) // optional
	Polled       func()                    // called after each poll
}

// Parts are what a supervisor keeps current and readers ask.
type Parts struct {
	Counters    *metrics.Counters
	Manifests   *batches.Manifests
	Disputes    *batches.Disputes
	Files       *batches.Files
	OtherSchema *replica.OtherSchema
	Ends        *progress.Ends
	SourceMap   *progress.SourceMap // nil where processors read the source itself
	Bootstrap   *progress.Bootstrap
	Health      *progress.Health
	Faults      *progress.Faults
}

// Supervisor keeps what readers of a table see current. Its methods may be called at any time,
// from any goroutine, but for Run, which is called once.
type Supervisor struct {
	o       Options
	events  *events.Listener
	names   kafka.Names
	pool    *logread.Pool
	release func() // of the pool

	parts      Parts
	shared     *replica.Shared
	shown      *shown
	attached   *attached
	loader     *loader
	unreadable *unreadable
	state      state

	env     topics.Set    // of the last attempt
	poke    chan struct{} // asks for a poll now
	awaited atomic.Bool   // with a poke: somebody waits for a position
}

// Parts returns what readers ask.
func (u *Supervisor) Parts() Parts { return u.parts }

// Gate is passed by whatever changes what readers see.
func (u *Supervisor) Gate() replica.Gate { return u.shared.Gate }

// Current returns what readers see, nil before there is anything.
func (u *Supervisor) Current() *replica.Replica { return u.shown.current.Load() }

// ToSource returns the position of the source that rows at a position of what processors
// read reflect.
func (u *Supervisor) ToSource(inner tables.Position) tables.Position { return u.shared.ToSource(inner) }

// Await looks at the place of what readers see whenever it moves, the readers see
// another, or the ends of topics were asked for.
func (u *Supervisor) Await(ctx context.Context, done func(progress.Applied) bool) error {
	for {
		s, swapped := u.shown.seen()
		var moved <-chan struct{}
		if s != nil {
			var at progress.Applied
			if at, moved = s.Sight(); done(at) {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		case <-swapped:
		case <-u.parts.Ends.Changed():
		}
	}
}

// LookAgain lets those who wait look again.
func (u *Supervisor) LookAgain() {
	if s := u.Current(); s != nil {
		s.LookAgain()
	}
}

// Poll asks for the ends of topics out of turn. Awaited says that somebody waits for a position:
// then the brokers are asked whether anything is still to come before it.
func (u *Supervisor) Poll(awaited bool) {
	if awaited {
		u.awaited.Store(true)
	}
	select {
	case u.poke <- struct{}{}:
	default: // asked for already
	}
}

// CatchUp returns nil once readers see everything that the changelog and the source
// topic have now, and the context's error when that ends first.
func (u *Supervisor) CatchUp(ctx context.Context) error {
	client, err := topics.Open(u.pool, u.o.Kafka)
	if err != nil {
		return err
	}
	input := u.o.Table.Source.Topic
	ends, err := client.Ends(ctx, u.names.Table, input)
	if err != nil {
		return fmt.Errorf("catch up with %s: %w", u.o.Table.Instance(), err)
	}
	changelog, source := tables.Position(ends[u.names.Table]), tables.Position(ends[input])
	return u.Await(ctx, func(at progress.Applied) bool {
		return at.Changelog.Reaches(changelog) && u.parts.Ends.Reaches(u.parts.SourceMap.ToSource(at.Source), source)
	})
}

// deliverable reports whether a partition of a topic has something left to deliver
// between two offsets.
func (u *Supervisor) deliverable(ctx context.Context, topic string, partition int32, from, end int64) (bool, error) {
	c, err := topics.Open(u.pool, u.o.Kafka)
	if err != nil {
		return false, err
	}
	return c.Deliverable(ctx, topic, partition, from, end)
}

// place is how far readers see the rows, in what processors read.
func (u *Supervisor) place() tables.Position {
	if s := u.Current(); s != nil {
		return s.Snapshot().Position()
	}
	return nil
}
