package state

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"

	"github.com/tidemark/tidemark/localdb"
	"github.com/tidemark/tidemark/processors/events"
)

// disk is the database with the one batch that holds writes back. All key spaces write
// through it, so that what belongs together reaches the disk together.
type disk struct {
	opts Options
	db   *leveldb.DB

	mu       sync.Mutex // guards the fields below, what the key spaces have in memory, and the order of writes
	batch    *leveldb.Batch
	size     int
	held     map[string]held // what batch holds, once a read has needed it
	scratch  []byte
	failed   error // the first failed write: nothing after it may be kept
	progress progress

	written atomic.Int64 // bytes handed to LevelDB
	damage  atomic.Pointer[error]
	users   sync.WaitGroup // cuts and iterators: LevelDB must not be closed under them
	dirty   chan struct{}  // signalled when something is held back
}

func openDisk(o Options) (*disk, error) {
	db, err := openDB(o)
	if err != nil {
		return nil, err
	}
	d := &disk{opts: o, db: db, batch: new(leveldb.Batch), dirty: make(chan struct{}, 1)}
	err = d.checkIdentity()
	if err == nil {
		err = d.progress.load(d, o.Clock())
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return d, nil
}

func openDB(o Options) (*leveldb.DB, error) {
	if o.Storage != nil {
		settings := o.leveldb()
		settings.Strict = opt.StrictAll
		return leveldb.Open(o.Storage, settings)
	}
	return o.Databases.Open(o.Dir, o.leveldb(), func(t localdb.TornJournal) {
		o.Events.JournalTorn(events.JournalTorn{Journal: t.Journal, At: t.At, Bytes: t.Bytes})
	})
}

// sync hands everything held back to LevelDB.
func (d *disk) sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.flush()
}

// flushLoop bounds how long a write is held back while nothing more is written. An
// idle store costs nothing.
func (d *disk) flushLoop(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-d.dirty:
		}
		select {
		case <-stop:
			return
		case <-time.After(d.opts.FlushEvery):
			_ = d.sync() // kept in failed: the next write of the owner returns it
		}
	}
}

func isCorrupt(err error) bool {
	return errors.Is(err, ErrCorrupt) || localdb.IsDamaged(err)
}

// note remembers an error that means that the files are damaged.
func (d *disk) note(err error) error {
	if isCorrupt(err) {
		d.damage.CompareAndSwap(nil, &err)
	}
	return err
}
