package views

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/metrics"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// ErrUnavailable is returned where something is not there at present: before the
// first rows, or while rows on disk are brought back.
var ErrUnavailable = replica.ErrUnavailable

// View is one live table as readers see it: the newest batch and what came after,
// kept current from the table's topics by Run. All methods may be called at any
// time, from any goroutine.
type View struct {
	o         Options
	log       *slog.Logger
	names     kafka.Names
	metrics   *metrics.Counters
	gens      rows.Generations
	pins      *pins
	fresh     *progress.Ends
	foreign   *replica.OtherSchema
	empty     *store.Store   // what is read before there is anything
	noRollups []*store.Store // the same of the rollups
	batches   *batches.Manifests
	placed    *progress.SourceMap // nil where processors read the source itself
	seeds     progress.Bootstrap
	files     *batches.Files
	state     state
	disputed  batches.Disputes
	// unreadable has the kinds of records of which it was said that one cannot be read.
	unreadable sync.Map
	health     progress.Health
	faults     *progress.Faults

	shared  *replica.Shared
	unfiled map[*replica.Replica][]batches.Filing // batches that sessions have sealed which are not seen
	env     topics.Set                            // of Run's last attempt

	current atomic.Pointer[replica.Replica] // what readers see
	gate    replica.Gate                    // passed to change it
	swapped chan struct{}                   // with mu: closed when they see another

	mu       sync.Mutex
	live     map[*replica.Replica]live // the sessions that run, which may not be seen yet
	restarts int64                     // of the readers of sessions that are over
	progress map[int32]wire.Progress   // the newest of each partition
	poke     chan struct{}             // asks for a poll now
	awaited  atomic.Bool               // with a poke: somebody waits for a position
	pool     *logread.Pool
	ownPool  bool // nobody else uses it
}

// New returns a view of a table. It reads and writes nothing before Run.
func New(o Options) (*View, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("options of a view: %w", err)
	}
	empty, err := store.New(store.Options{Table: o.Table})
	if err != nil {
		return nil, fmt.Errorf("view of %s: %w", o.Table.Name, err)
	}
	v := &View{
		o: o, log: o.Logger.With("component", "view", "table", o.Table.Name), names: o.Kafka.Names(o.Table),
		gens: rows.Generations{Dir: o.rowsDir()}, pins: newPins(o.Pins, o.PinFor, o.Clock),
		fresh: progress.NewEnds(o.Clock()), foreign: replica.NewOtherSchema(), empty: empty, metrics: metrics.NewCounters(o.Table.Name),
		batches: batches.New(wire.Fingerprint(o.Table)),
		gate:    replica.NewGate(), swapped: make(chan struct{}), live: map[*replica.Replica]live{}, unfiled: map[*replica.Replica][]batches.Filing{}, progress: map[int32]wire.Progress{}, poke: make(chan struct{}, 1),
	}
	if v.pool = o.Pool; v.pool == nil {
		v.pool, v.ownPool = logread.NewPool(o.Kafka), true
	}
	if o.Table.Rekeyed() {
		v.placed = progress.NewSourceMap()
	}
	rollups, err := replica.Derive(o.Table, o.Logger)
	if err != nil {
		return nil, err
	}
	for _, d := range rollups {
		v.noRollups = append(v.noRollups, d.Store())
	}
	v.files = batches.NewFiles(batches.FilesOptions{
		Dir: o.batchesDir(), Table: o.Table, Manifests: v.batches, Counters: v.metrics, Logger: v.log, Clock: o.Clock,
	})
	v.shared = &replica.Shared{
		Table: o.Table, Kafka: o.Kafka, Names: v.names, Log: v.log, StoreLog: o.Logger, Clock: o.Clock, Fingerprint: wire.Fingerprint(o.Table),
		CompactAfter: o.CompactAfter, Disputed: o.Disputed, Outrun: o.Outrun, OutrunEvery: o.OutrunEvery,
		Counters: v.metrics, Manifests: v.batches, Disputes: &v.disputed, Generations: v.gens, OtherSchema: v.foreign,
		Ends: v.fresh, SourceMap: v.placed, Logs: o.Logs, Unreadable: v.leaveOut, Gate: v.gate, View: v,
	}
	v.faults = progress.NewFaults(o.Clock, v.log)
	v.pins.bytes, v.pins.newest = o.PinBytes, v.Snapshot
	v.state.say("starting")
	if err := v.register(); err != nil {
		return nil, err
	}
	return v, nil
}

// Table returns the table.
func (v *View) Table() *tables.Table { return v.o.Table }

// Snapshot returns the newest state. It takes no lock.
func (v *View) Snapshot() *store.Snapshot {
	if s := v.current.Load(); s != nil {
		return s.Snapshot()
	}
	return v.empty.Snapshot()
}

// Position returns the position of the source topic that a snapshot of this view
// reflects. It must not be changed.
func (v *View) Position(s *store.Snapshot) tables.Position { return v.outward(s.Position()) }

// outward returns the position of the source that rows at a position of what processors
// read reflect.
func (v *View) outward(inner tables.Position) tables.Position {
	return v.fresh.Raise(v.placed.ToSource(inner))
}

// Pin keeps a snapshot for a cursor and returns what Pinned knows it by.
func (v *View) Pin(s *store.Snapshot) string { return v.pins.add(s) }

// Pinned returns a snapshot that is still kept, and keeps it longer.
func (v *View) Pinned(id string) (*store.Snapshot, bool) { return v.pins.get(id) }

// Freshness says how the newest snapshot stands to the source.
func (v *View) Freshness() progress.Freshness { return v.FreshnessOf(v.Snapshot()) }

// FreshnessOf says how a snapshot stands to the source now.
func (v *View) FreshnessOf(s *store.Snapshot) progress.Freshness {
	f := v.fresh.Freshness(v.Position(s), v.o.Clock())
	if v.state.refused() != nil && (f.State == progress.Fresh || f.State == progress.Idle) {
		f.State = progress.Lagging // of a source that is not the one of these rows
	}
	return f
}

// lag returns how many source records are not reflected.
func (v *View) lag() int64 {
	last, ok := v.fresh.Newest()
	if !ok {
		return 0
	}
	var n int64
	pos := v.Position(v.Snapshot())
	for p, end := range last.Ends {
		n += max(0, end-pos.At(int32(p)))
	}
	return n
}

func (v *View) diskBytes() int64 {
	s := v.current.Load()
	if s == nil {
		return 0
	}
	n, err := s.Disk().Bytes()
	if err != nil {
		return 0 // closed: brought back in a moment
	}
	return n
}

// WaitPosition returns nil once the newest snapshot reflects the source's
// position, and the context's error when that ends first.
func (v *View) WaitPosition(ctx context.Context, p tables.Position) error {
	// A position behind a transaction's marker is reached when the brokers have said so.
	defer time.AfterFunc(lookAfter, func() {
		v.awaited.Store(true)
		v.Poll()
	}).Stop()
	return v.await(ctx, func(at progress.Applied) bool { return v.outward(at.Source).Reaches(p) })
}

// WaitPlace returns nil once the newest snapshot has come to a position of the feed of
// changes, and the context's error when that ends first.
func (v *View) WaitPlace(ctx context.Context, p tables.Position) error {
	return v.await(ctx, func(at progress.Applied) bool { return at.Source.Reaches(p) })
}

// Outward returns the position of the source that a position of the feed of changes
// stands for.
func (v *View) Outward(p tables.Position) tables.Position { return v.placed.AnyToSource(p) }

// Place returns the position of a feed of changes that has all that a position of the
// source has; ok is false where none is known to. reached is how far the feed has come.
func (v *View) Place(source, reached tables.Position) (p tables.Position, ok bool) {
	if v.placed != nil {
		return nil, false // it tells the place only up to the changes of some time
	}
	return v.fresh.Lower(source, reached), true
}

// lookAfter is how long a position is waited for before the brokers are asked whether
// anything is still to come before it.
const lookAfter = 50 * time.Millisecond

// WaitSource returns nil once the newest snapshot reflects everything up to a
// position in the database's log: each partition has come to it or past it, or to
// the end that its topic had after the position was seen in another partition, or in
// another table of the same connector.
func (v *View) WaitSource(ctx context.Context, p tables.SourcePosition) error {
	var seen time.Time
	connector := progress.ConnectorOf(v.o.Table.Source.Topic)
	defer v.o.Logs.Notify(v.lookAgain)()
	return v.await(ctx, func(at progress.Applied) bool {
		head, shared := v.o.Logs.Head(connector)
		reached := func(s tables.SourcePosition) bool {
			return s.Kind == p.Kind && s.Compare(p) >= 0 && (!shared || s.Epoch == head.Epoch)
		}
		if reached(v.fresh.HeadAt(v.placed.ToSource(at.Source))) {
			return true
		}
		all, any := true, shared && reached(head)
		for _, top := range at.Top {
			all, any = all && reached(top), any || reached(top)
		}
		if all || !any {
			return all && any
		}
		if seen.IsZero() {
			seen = v.o.Clock()
			v.Poll()
		}
		last, ok := v.fresh.Newest()
		if !ok || last.At.Before(seen) {
			return false
		}
		pos := v.outward(at.Source)
		if v.placed != nil { // the partitions of the position are not those of tops
			return pos.Reaches(last.Ends)
		}
		for i, top := range at.Top {
			if end := last.Ends.At(int32(i)); !reached(top) && pos.At(int32(i)) < end {
				return false
			}
		}
		return true
	})
}

// lookAgain lets those who wait look again.
func (v *View) lookAgain() {
	if s := v.current.Load(); s != nil {
		s.LookAgain()
	}
}

// await looks at the place of what readers see whenever it moves, the readers see
// another, or the ends of topics were asked for.
func (v *View) await(ctx context.Context, done func(progress.Applied) bool) error {
	for {
		s, swapped := v.seen()
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
		case <-v.fresh.Changed():
		}
	}
}

// seen returns what readers see and a channel that is closed when it is another.
func (v *View) seen() (*replica.Replica, <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.current.Load(), v.swapped
}

// Poll asks for the ends of topics out of turn.
func (v *View) Poll() {
	select {
	case v.poke <- struct{}{}:
	default: // asked for already
	}
}

// Deliverable reports whether a partition of a topic has something left to deliver
// between two offsets.
func (v *View) Deliverable(ctx context.Context, topic string, partition int32, from, end int64) (bool, error) {
	c, err := topics.Open(v.pool, v.o.Kafka)
	if err != nil {
		return false, err
	}
	return c.Deliverable(ctx, topic, partition, from, end)
}
