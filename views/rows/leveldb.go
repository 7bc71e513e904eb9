package rows

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/util"

	"github.com/tidemark/tidemark/localdb"
)

// Options say where a DB is and what it belongs to.
type Options struct {
	Dir      string // of this DB alone; made when absent
	Identity Identity
	MaxAge   time.Duration             // of the clock, beyond which a DB is ErrTooOld; 0 means any age
	Clock    func() time.Time          // time.Now when nil
	Torn     func(localdb.TornJournal) // is called when the end of a journal is left out; optional
	// Databases is what the databases of the process share; nil is nothing.
	Databases *localdb.Shared
}

// DB is the rows of one table. One goroutine writes; any number read.
type DB struct {
	dir      string
	clock    func() time.Time
	identity Identity      // as stored
	keep     time.Duration // how long marks stay that another partition may need

	writing sync.Mutex // held to write, and by who writes what depends on what is there; before mu

	mu     sync.RWMutex // held for reading while ldb is in use, for writing to close it
	ldb    *leveldb.DB
	closed bool
}

// ErrClosed is returned by a DB that was closed.
var ErrClosed = errors.New("the rows on disk are closed")

// Open opens the DB in a directory, or makes an empty one. IsUnusable reports
// whether the error means that it must be set aside.
func Open(o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Torn == nil {
		o.Torn = func(localdb.TornJournal) {}
	}
	ldb, err := o.Databases.Open(o.Dir, settings(), o.Torn)
	if err != nil {
		return nil, fmt.Errorf("open rows in %s: %w", o.Dir, judge(err))
	}
	d := &DB{dir: o.Dir, clock: o.Clock, ldb: ldb, keep: o.MaxAge}
	if err := d.admit(o); err != nil {
		return nil, errors.Join(fmt.Errorf("open rows in %s: %w", o.Dir, err), ldb.Close())
	}
	return d, nil
}

func settings() *opt.Options {
	return &opt.Options{
		Filter:                 filter.NewBloomFilter(10),
		WriteBuffer:            16 << 20,
		BlockSize:              16 << 10,
		BlockCacheCapacity:     32 << 20,
		CompactionTableSize:    8 << 20,
		OpenFilesCacheCapacity: 256,
		Compression:            opt.SnappyCompression, // documents are JSON
		ErrorIfMissing:         false,
	}
}

// admit checks whose rows these are, or marks an empty DB as the caller's.
func (d *DB) admit(o Options) error {
	b, err := d.ldb.Get(identityKey, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		d.identity = o.Identity
		batch := NewBatch()
		batch.b.Put(identityKey, appendIdentity(nil, o.Identity))
		return d.Write(batch)
	}
	if err != nil {
		return judge(err)
	}
	if d.identity, err = parseIdentity(b); err != nil {
		return err
	}
	if err := d.identity.check(o.Identity); err != nil {
		return err
	}
	at, err := d.Clock()
	if err != nil {
		return err
	}
	if age := o.Clock().Sub(at); o.MaxAge > 0 && age > o.MaxAge {
		return fmt.Errorf("last current %s ago, tombstones are kept for %s: %w", age.Round(time.Second), o.MaxAge, ErrTooOld)
	}
	return nil
}

// judge distinguishes corruption from other errors, such as a full disk.
func judge(err error) error {
	if err == nil || errors.Is(err, ErrCorrupt) {
		return err
	}
	if localdb.IsDamaged(err) || errors.Is(err, leveldb.ErrSnapshotReleased) {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}

// use runs fn with the database, which is not closed meanwhile.
func (d *DB) use(fn func(*leveldb.DB) error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return ErrClosed
	}
	return judge(fn(d.ldb))
}

// Identity returns what the DB was made for.
func (d *DB) Identity() Identity { return d.identity }

// Dir returns where the DB is.
func (d *DB) Dir() string { return d.dir }

// Close waits for readers and closes the DB. It may be called twice.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	if err := d.ldb.Close(); err != nil {
		return fmt.Errorf("close rows in %s: %w", d.dir, err)
	}
	return nil
}

// Bytes returns how much of the disk the DB takes, about.
func (d *DB) Bytes() (int64, error) {
	var n int64
	err := d.use(func(l *leveldb.DB) error {
		sizes, err := l.SizeOf([]util.Range{{Start: []byte{0}, Limit: []byte{0xff}}})
		n = sizes.Sum()
		return err
	})
	return n, err
}

// get returns the value of a key, nil when there is none.
func (d *DB) get(key []byte) (value []byte, err error) {
	err = d.use(func(l *leveldb.DB) error {
		v, err := l.Get(key, nil)
		if errors.Is(err, leveldb.ErrNotFound) {
			return nil
		}
		value = v
		return err
	})
	return value, err
}

// scan calls fn with every key of a space, without its first byte. The slices
// are only valid during the call.
func (d *DB) scan(space byte, fn func(key, value []byte) error) error {
	return d.scanFrom(space, nil, func(key, value []byte) (bool, error) { return true, fn(key, value) })
}

// scanFrom is scan from a key on, for as long as fn continues.
func (d *DB) scanFrom(space byte, from []byte, fn func(key, value []byte) (on bool, err error)) error {
	return d.use(func(l *leveldb.DB) error {
		span := util.BytesPrefix([]byte{space})
		span.Start = append(span.Start, from...)
		it := l.NewIterator(span, &opt.ReadOptions{DontFillCache: true})
		defer it.Release()
		for it.Next() {
			if on, err := fn(it.Key()[1:], it.Value()); !on || err != nil {
				return err
			}
		}
		return it.Error()
	})
}

// Batch is a change of rows and positions that becomes visible and durable as
// one. It may be written and then reset and used again.
type Batch struct {
	b   *leveldb.Batch
	buf []byte
}

// NewBatch returns an empty batch.
func NewBatch() *Batch { return &Batch{b: new(leveldb.Batch)} }

// Len returns how many operations the batch holds.
func (b *Batch) Len() int { return b.b.Len() }

// Reset empties the batch.
func (b *Batch) Reset() { b.b.Reset() }

func (b *Batch) put(key, value []byte) { b.b.Put(key, value) }

func (b *Batch) drop(key []byte) { b.b.Delete(key) }

// Write applies the batch and sets the clock.
func (d *DB) Write(b *Batch) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.write(b)
}

// write is Write for who holds writing.
func (d *DB) write(b *Batch) error {
	b.buf = appendClock(b.buf[:0], d.clock())
	b.put(clockKey, b.buf)
	return d.use(func(l *leveldb.DB) error { return l.Write(b.b, nil) })
}
