package api

import (
	"context"
	"errors"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// Errors that the tables behind the API return, by themselves or wrapped.
var (
	ErrNoBatch     = errors.New("there is no such batch")
	ErrUnavailable = errors.New("not available at present")
)

// Table is one live table as the API serves it.
type Table struct {
	Table   *tables.Table
	Reader  Reader
	Pins    Pins
	Tide    Tide
	Batches Batches
	// Changes is nil where a table cannot be followed.
	Changes Changes
	// Generations is nil where a table cannot be built anew.
	Generations Generations
}

func (t *Table) incomplete() bool {
	return t.Table == nil || t.Reader == nil || t.Pins == nil || t.Tide == nil || t.Batches == nil
}

// Reader gives what reads see.
type Reader interface {
	// Snapshot returns the newest state.
	Snapshot() *store.Snapshot
	// AsOf returns the state of a complete batch, or ErrNoBatch.
	AsOf(ctx context.Context, batch uint64) (*store.Snapshot, error)
	// Document returns the raw JSON of a row of a state, when it is kept. Changed says that
	// the row has changed since: there is none of that state any more.
	Document(snap *store.Snapshot, key tables.Key) (document []byte, changed bool, err error)
}

// Pins keep snapshots for the pages that follow the first.
type Pins interface {
	Pin(*store.Snapshot) (id string)
	// Pinned returns a snapshot that is still there, and keeps it longer.
	Pinned(id string) (*store.Snapshot, bool)
}

// Tide is how far a table has come.
type Tide interface {
	// Ready reports whether the table has reached the end that its topics had when it
	// started.
	Ready() bool
	// Readable reports whether the table can be read: it is ready, or has a whole state
	// of some time ago. It is asked for every read, and costs next to nothing.
	Readable() bool
	Status() Status
	// Freshness is how a snapshot of the table stands to the source now.
	Freshness(*store.Snapshot) Freshness
	// Position is what a snapshot of the table reflects of the source topic. The same
	// place in memory means the same position.
	Position(*store.Snapshot) tables.Position
	// WaitPosition and WaitSource return nil once the newest snapshot reflects the
	// position, and the context's error when that ends first.
	WaitPosition(ctx context.Context, p tables.Position) error
	WaitSource(ctx context.Context, p tables.SourcePosition) error
	// Source is the highest position that WaitSource is known not to wait for, if there is one.
	Source() (p tables.SourcePosition, ok bool)
	// WaitPlace is WaitPosition for a position of the feed of changes.
	WaitPlace(ctx context.Context, p tables.Position) error
	// Outward is what a position of the feed of changes is at the source, at least.
	Outward(p tables.Position) tables.Position
	// Place is the position of a feed, which has come to reached, that has what a position
	// of the source has; ok is false where none is known to.
	Place(source, reached tables.Position) (p tables.Position, ok bool)
}

// State says how a table stands to its source.
type State string

// The states of freshness.
const (
	Fresh        State = "fresh"        // all that the broker had at most 1 s ago is here
	Lagging      State = "lagging"      // it is not
	Disconnected State = "disconnected" // the broker cannot be reached
	Idle         State = "idle"         // there is nothing new at the source
)

// Freshness is how old an answer is at most.
type Freshness struct {
	State State
	Age   time.Duration
}

// String writes f as the header does: fresh; age_ms=12.
func (f Freshness) String() string {
	var buf [48]byte
	b := append(buf[:0], f.State...)
	b = append(b, "; age_ms="...)
	return string(appendInt(b, f.Age.Milliseconds()))
}

// Status is where a table stands on the way to be served.
type Status struct {
	Done   int64 // records read of those that its topics had at the start
	Total  int64
	Memory int64  // bytes, those that are pinned included
	Pinned int64  // of them, what cursors and as_of keep beside the newest rows
	Note   string // what it is doing or waiting for; may be empty
	// Refused says that its topics are no longer the ones that it was made from.
	// Reads go on with what there is.
	Refused bool
	// Health is what is wrong with the table, and what was counted of it.
	Health tables.Health
}

// Batches are the complete batches of a table.
type Batches interface {
	List() []Batch // newest first
	// Take asks for a batch now and returns its id.
	Take(ctx context.Context) (id uint64, err error)
	// Wait returns a batch when it is complete, and the context's error when that ends first.
	Wait(ctx context.Context, id uint64) (Batch, error)
	// File returns the path of a batch's Parquet file, or ErrNoBatch.
	File(ctx context.Context, id uint64) (path string, err error)
}

// Batch is a complete batch.
type Batch struct {
	ID       uint64
	Cut      tables.Position // of the source
	Rows     int64
	Changed  int64
	Checksum uint64
	Started  time.Time
	Took     time.Duration
	Bytes    int64
}
