package replica

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/metrics"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// Replica is one state of the table and what keeps it current: the rows in
// memory, the rows on disk, and how far both have come. A view has one, and for
// the time of a rebuild a second one that readers do not see yet.
type Replica struct {
	shared *Shared
	set    topics.Set

	store     *store.Store
	metrics   *metrics.Deferred // of the store, registered while readers see it
	rows      atomic.Pointer[rows.DB]
	number    uint64 // generation of rows
	place     *progress.Tracker
	hold      *Hold
	frozen    atomic.Pointer[frozen] // what readers see while rows are held back, else nil
	origin    Origin
	goal      atomic.Pointer[goal]
	spoiled   atomic.Bool   // the rows on disk are damaged
	unwritten atomic.Bool   // the rows on disk could not be written
	wants     chan *Rebuild // asks for another replica in its place
	keys      *duplicates.Keys
	copies    *duplicates.Copies
	feed      atomic.Pointer[changes.Feed] // of those who follow the table, once it is ready
	derived   []*rollup.Live
	filled    atomic.Bool // the rollups have counted the rows that the replica began with
	anew      bool        // with the gate: its rows have taken the place of others

	// Of the run that Start began; another one may follow when it is over.
	stop  context.CancelFunc
	ended chan struct{}
	err   error // why it ended, once ended is closed
}

// begin returns where the changelog is read from: the rows in memory and those on
// disk may be at different places, and both miss what comes after theirs.
func (s *Replica) begin(partition int32) int64 {
	return min(s.place.At().Changelog.At(partition), s.origin.stored[partition].Changelog)
}

// Close releases the replica's files. Readers that hold its snapshots keep them.
func (s *Replica) Close() error {
	s.place.End()
	s.store.Close()
	for _, d := range s.derived {
		d.Close()
	}
	return s.Disk().Close()
}

// spoil takes note of damage of the rows on disk, and has them built again.
func (s *Replica) spoil(err error) {
	if !rows.IsUnusable(err) || s.spoiled.Swap(true) {
		return
	}
	s.want(&Rebuild{Reason: "rows", Batch: s.origin.batch, Err: err})
}

// want asks for another replica in this one's place.
func (s *Replica) want(why *Rebuild) {
	select {
	case s.wants <- why:
	default: // asked for already
	}
}

// Disk returns the rows on disk.
func (s *Replica) Disk() *rows.DB { return s.rows.Load() }

// Reopen brings the rows on disk back after an error on writing them, at the
// place that they have.
func (s *Replica) Reopen() error {
	if s.unwritten.Load() {
		if err := s.Disk().Close(); err != nil {
			s.shared.Events.RowsNotClosed(events.RowsNotClosed{Err: err})
		}
		db, err := rows.Open(s.shared.RowsOptions(s.number, s.set))
		if err != nil {
			return err
		}
		s.rows.Store(db)
		s.unwritten.Store(false)
	}
	stored, _, err := s.Disk().Positions()
	if err != nil {
		return fmt.Errorf("positions of the rows on disk: %w", err)
	}
	s.origin.stored = stored
	return nil
}

// Snapshot is what readers see of the replica.
func (s *Replica) Snapshot() *store.Snapshot {
	if f := s.frozen.Load(); f != nil {
		return f.snapshot
	}
	return s.store.Snapshot()
}

// Topics are those that the rows belong to.
func (s *Replica) Topics() topics.Set { return s.set }

// At is how far the rows are, for who keeps them.
func (s *Replica) At() progress.Applied { return s.place.At() }

// Sight is how far readers see the rows, and a channel that is closed when that may have moved.
func (s *Replica) Sight() (progress.Applied, <-chan struct{}) { return s.place.Sight() }

// LookAgain lets those who wait look again: what a place means has become more.
func (s *Replica) LookAgain() { s.place.Nudge() }

// Counted reports whether the rollups have counted the rows that it began with.
func (s *Replica) Counted() bool { return s.filled.Load() }

// Spoiled reports whether the rows on disk are damaged.
func (s *Replica) Spoiled() bool { return s.spoiled.Load() }

// Generation is that of the rows on disk.
func (s *Replica) Generation() uint64 { return s.number }

// Memory returns the bytes of the rows in memory.
func (s *Replica) Memory() int64 { return s.store.Memory().Total() }

// Keys are the keys that several partitions have something of.
func (s *Replica) Keys() *duplicates.Keys { return s.keys }

// Ended returns a channel that is closed when what Start began has ended.
func (s *Replica) Ended() <-chan struct{} { return s.ended }

// Err returns why it has ended, once Ended is closed.
func (s *Replica) Err() error { return s.err }

// Wants says when other rows must be built in place of these.
func (s *Replica) Wants() <-chan *Rebuild { return s.wants }

// Rollup returns the i-th rollup.
func (s *Replica) Rollup(i int) *rollup.Live { return s.derived[i] }

// Metrics are the metrics of the rows in memory.
func (s *Replica) Metrics() *metrics.Deferred { return s.metrics }

// Origin is what the first rows came from.
func (s *Replica) Origin() *Origin { return &s.origin }

// Hold is what the rows are held back from readers for.
func (s *Replica) Hold() *Hold { return s.hold }
