package live

import (
	"context"
	"errors"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

// Errors that the tables behind the API return, by themselves or wrapped.
var (
	ErrNoBatch     = errors.New("there is no such batch")
	ErrUnavailable = errors.New("not available at present")
	// ErrReplaced is returned by a wait on a table whose next generation is read now:
	// the request is answered from that one.
	ErrReplaced = errors.New("another generation is read now")
)

// Table is one live table as the API serves it: each member is its view, in one role.
type Table struct {
	Table    *tables.Table
	Reader   Reader
	Pins     Pins
	Progress Progress
	Batches  Batches
	// Changes is nil where a table cannot be followed.
	Changes Changes
	// Generations is nil where a table cannot be built anew.
	Generations Generations
}

// Incomplete reports whether a member is missing without which a table cannot be served.
func (t *Table) Incomplete() bool {
	return t == nil || t.Table == nil || t.Reader == nil || t.Pins == nil || t.Progress == nil || t.Batches == nil
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

// Progress is how far a table has come.
type Progress interface {
	// Ready reports whether the table has reached the end that its topics had when it
	// started.
	Ready() bool
	// Readable reports whether the table can be read: it is ready, or has a whole state
	// of some time ago. It is asked for every read, and costs next to nothing.
	Readable() bool
	Status() Status
	// Freshness is how fresh a snapshot of the table is now.
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
	// ToSource is what a position of the feed of changes is at the source, at least.
	ToSource(p tables.Position) tables.Position
	// Place is the position of a feed, which has come to reached, that has what a position
	// of the source has; ok is false where none is known to.
	Place(source, reached tables.Position) (p tables.Position, ok bool)
}

// Changes lets readers follow a table.
type Changes interface {
	// Follow returns the feed of changes and a snapshot of the rows that it belongs to,
	// or ErrUnavailable. When the feed ends, Follow again.
	Follow(ctx context.Context) (*changes.Feed, *store.Snapshot, error)
}
