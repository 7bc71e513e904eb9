package views

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/changelog"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/metrics"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// session is one state of the table and what keeps it current: the rows in
// memory, the rows on disk, and how far both have come. A view has one, and for
// the time of a rebuild a second one that readers do not see yet.
type session struct {
	v   *View
	env topics.Set

	store     *store.Store
	metrics   *metrics.Deferred // of the store, registered while readers see it
	rows      atomic.Pointer[rows.DB]
	number    uint64 // generation of rows
	place     *progress.Tracker
	hold      *hold
	frozen    atomic.Pointer[frozen] // what readers see while rows are held back, else nil
	origin    origin
	goal      atomic.Pointer[goal]
	spoiled   atomic.Bool      // the rows on disk are damaged
	unwritten atomic.Bool      // the rows on disk could not be written
	unfiled   []batches.Filing // with View.mu: batches sealed before readers see the session
	wants     chan *rebuild    // asks for another session in its place
	homes     *duplicates.Keys
	copies    *duplicates.Copies
	feed      atomic.Pointer[changes.Feed] // of those who follow the table, once it is ready
	derived   []*rollup.Live
	filled    atomic.Bool // the rollups have counted the rows that the session began with
	anew      bool        // with the gate: its rows have taken the place of others

	// Of the run that start began; another one may follow when it is over.
	stop  context.CancelFunc
	ended chan struct{}
	err   error // why it ended, once ended is closed
}

// origin is what a session's first rows came from.
type origin struct {
	from   string          // batch file, snapshot topic, rows on disk or changelog
	batch  uint64          // the batch that the base is, 0 when it is none
	base   tables.Position // changelog: what is before it is in the store
	source tables.Position // of the source topic, at base
	stored []rows.Position // what the rows on disk had
	skip   uint64          // batches up to this one are not sealed by merging
	again  uint64          // the batch that was not even and is tried once more, 0 when there is none
	taken  time.Time       // when the batch was, zero where there is none
	// doubted says that other rows than these differed from the batch that is tried again.
	doubted bool
	// compared says that readers see rows of the changelog, which these must equal.
	compared bool
}

// whole reports whether the rows were the table at some time. Rows that are read from
// the changelog's beginning are not before its end, and a process that ended on the way
// there has left such rows on disk.
func (o *origin) whole() bool { return o.from == fromFile || o.from == fromSnapshot }

const (
	queueLength = 4096 // records between the readers of partitions and the writer
	groupLength = 2048 // most records that become visible at once
)

// begin returns where the changelog is read from: the rows in memory and those on
// disk may stand at different places, and both miss what comes after theirs.
func (s *session) begin(partition int32) int64 {
	return min(s.place.At().Changelog.At(partition), s.stored(partition))
}

func (s *session) stored(partition int32) int64 {
	return s.origin.stored[partition].Changelog
}

// start keeps the session current until the context ends, halt is called, or
// something is wrong with it. It may be called again after that: it goes on where
// it was.
func (s *session) start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(ctx)
	s.ended, s.err = make(chan struct{}), nil
	go func() {
		defer close(s.ended)
		s.err = s.run(ctx)
	}()
}

// halt ends what start began, and waits for it.
func (s *session) halt() {
	if s.stop != nil {
		s.stop()
		<-s.ended
	}
}

func (s *session) run(ctx context.Context) error {
	if err := s.count(ctx); err != nil {
		return err
	}
	in := make(chan item, queueLength)
	w, err := newWriter(s, in)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	feed := &feed{
		in: in, done: ctx.Done(), fingerprint: s.v.fingerprint, columns: len(s.v.o.Table.Columns),
		rooms: make([]arena, s.env.Changelog.Partitions), from: s.begin, leaveOut: s.v.leaveOut,
	}
	reader, err := changelog.NewReader(changelog.Options{
		Kafka: s.v.o.Kafka, Topic: s.env.Changelog.Name, Partitions: s.env.Changelog.Partitions,
		Sink: feed, Logger: s.v.log, Clock: s.v.o.Clock,
		Left: func(ctx context.Context, partition int32, from, end int64) (bool, error) {
			return s.v.deliverable(ctx, s.env.Changelog.Name, partition, from, end)
		},
	})
	if err != nil {
		return err
	}
	g.Go(func() error { return w.run(ctx) })
	defer s.v.attach(s, feed, reader)()
	g.Go(func() error { return reader.Run(ctx) })
	g.Go(func() error { return s.seals(ctx) })
	g.Go(func() error { return s.nameOutrun(ctx) })
	return g.Wait()
}

// nameOutrun names the session's keys in several partitions while readers see it.
func (s *session) nameOutrun(ctx context.Context) error {
	return duplicates.Name(ctx, duplicates.Naming{
		Keys: s.homes, Rows: s.disk, Every: s.v.o.OutrunEvery, Tell: s.v.o.Outrun, Clock: s.v.o.Clock,
		Due: func() bool { return s.v.current.Load() == s && s.v.Ready() },
		Spoil: func(err error) {
			s.spoil(err)
			s.v.log.Warn("keys in several partitions could not be looked at", "error", err)
		},
	})
}

// feed hands the records of all partitions to the one writer.
type feed struct {
	in          chan<- item
	done        <-chan struct{}
	fingerprint uint32
	columns     int
	rooms       []arena // per partition, each of which has a goroutine of its own
	from        func(partition int32) int64
	leaveOut    func(what string, args ...any)
}

var errSessionOver = errors.New("the session is over")

// Resume implements changelog.Sink.
func (f *feed) Resume(partition int32) int64 { return f.from(partition) }

// Take implements changelog.Sink.
func (f *feed) Take(rec changelog.Record) error {
	it, err := reading(rec, f.fingerprint, f.columns, &f.rooms[rec.Partition])
	if err != nil {
		f.leaveOut("changelog record", "partition", rec.Partition, "offset", rec.Offset, "error", err)
	}
	return f.send(it)
}

// Skip implements changelog.Sink.
func (f *feed) Skip(partition int32, next int64) error {
	return f.send(item{partition: partition, offset: next - 1, source: -1})
}

func (f *feed) progress(p wire.Progress) error {
	return f.send(item{partition: p.Partition, offset: -1, source: -1, progress: &p})
}

func (f *feed) send(it item) error {
	select {
	case f.in <- it:
		return nil
	case <-f.done:
		return errSessionOver
	}
}

// close releases the session's files. Readers that hold its snapshots keep them.
func (s *session) close() error {
	s.place.End()
	s.store.Close()
	for _, d := range s.derived {
		d.Close()
	}
	return s.disk().Close()
}

// spoil takes note of damage of the rows on disk, and has them built again.
func (s *session) spoil(err error) {
	if !rows.IsUnusable(err) || s.spoiled.Swap(true) {
		return
	}
	s.want(&rebuild{reason: "rows", batch: s.origin.batch, err: err})
}

// want asks for another session in this one's place.
func (s *session) want(why *rebuild) {
	select {
	case s.wants <- why:
	default: // asked for already
	}
}

// disk returns the rows on disk.
func (s *session) disk() *rows.DB { return s.rows.Load() }

// reopen brings the rows on disk back after an error on writing them, at the
// place that they have.
func (s *session) reopen() error {
	if s.unwritten.Load() {
		if err := s.disk().Close(); err != nil {
			s.v.log.Warn("rows were not closed well", "error", err)
		}
		db, err := rows.Open(s.v.rowsOptions(s.number, s.env))
		if err != nil {
			return err
		}
		s.rows.Store(db)
		s.unwritten.Store(false)
	}
	stored, _, err := s.disk().Positions()
	if err != nil {
		return fmt.Errorf("positions of the rows on disk: %w", err)
	}
	s.origin.stored = stored
	return nil
}

// maxAge is how old a local state may be: tombstones are kept longer, by what it
// may take to read them all.
const maxAge = kafka.TombstoneRetention - 24*time.Hour
