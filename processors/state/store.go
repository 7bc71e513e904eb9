package state

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/storage"

	"github.com/tidemark/tidemark/localdb"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

// Options say where the state of a partition is and how it is kept.
type Options struct {
	Dir          string
	Identity     Identity
	MaxAge       time.Duration // a state not touched for longer is set aside; 0 = never
	FlushBytes   int           // default 512 KiB
	FlushEvery   time.Duration // default 50 ms
	WriteBuffer  int           // of LevelDB, bytes; default 8 MiB
	TidyEvery    time.Duration // how often a state at rest is looked at; default 10 s
	Uncompressed bool          // trade disk for a tenth of the CPU time
	// KeepDeletions is how long a deletion is kept, by the time of its source record,
	// and an image, by the time it was kept; 0 = no longer than a replay could reach it.
	KeepDeletions time.Duration
	Clock         func() time.Time // default time.Now
	Logger        *slog.Logger     // default discards
	// Storage replaces the files of Dir; for tests of failing disks.
	Storage storage.Storage
}

func (o *Options) defaults() {
	if o.FlushBytes <= 0 {
		o.FlushBytes = 512 * kib
	}
	if o.FlushEvery <= 0 {
		o.FlushEvery = 50 * time.Millisecond
	}
	if o.TidyEvery <= 0 {
		o.TidyEvery = tidyEvery
	}
	if o.WriteBuffer <= 0 {
		o.WriteBuffer = 8 * mib
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// Store is the open state of a partition. One goroutine writes rows; positions,
// reads and cuts may come from others.
type Store struct {
	opts Options
	db   *leveldb.DB

	mu      sync.Mutex // guards the fields below, and the order of writes
	batch   *leveldb.Batch
	size    int
	held    map[string]held // what batch holds, once a read has needed it
	scratch []byte
	epoch   uint64
	value   []byte
	older   bool      // rows of an older generation are kept beside the table's
	brief   []tombRef // deletions that are not kept, to be forgotten
	many    bool      // there are more than that
	failed  error     // the first failed write: nothing after it may be kept

	streamed Origin // the highest position and the latest time of streamed events

	position atomic.Int64 // last changelog offset that the rows include
	applied  atomic.Int64 // highest source offset applied
	written  atomic.Int64 // bytes handed to LevelDB
	damage   atomic.Pointer[error]
	onDisk   int64 // the position that was last written

	cuts    sync.WaitGroup
	dirty   chan struct{} // told when something is held back
	stop    chan struct{}
	stopped chan struct{}
	tidied  chan struct{}
}

// Open opens the state, or makes an empty one. A state that is corrupt, of other
// topics or too old is set aside first; a disk that cannot be written is an error.
func Open(o Options) (*Store, error) {
	o.defaults()
	s, err := open(o)
	var unfit *UnfitError
	if o.Storage == nil && (errors.As(err, &unfit) || isCorrupt(err)) {
		if err := setAside(o, err); err != nil {
			return nil, err
		}
		s, err = open(o)
	}
	if err != nil {
		return nil, fmt.Errorf("open the state in %s: %w", o.Dir, err)
	}
	go s.flushLoop()
	go s.tidyLoop()
	return s, nil
}

func open(o Options) (*Store, error) {
	db, err := openDB(o)
	if err != nil {
		return nil, err
	}
	s := &Store{
		opts: o, db: db, batch: leveldb.MakeBatch(o.FlushBytes + 64*kib),
		dirty: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}), tidied: make(chan struct{}),
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func openDB(o Options) (*leveldb.DB, error) {
	if o.Storage != nil {
		settings := o.leveldb()
		settings.Strict = opt.StrictAll
		return leveldb.Open(o.Storage, settings)
	}
	return localdb.Open(o.Dir, o.leveldb(), o.Logger)
}

// leveldb sizes the database for a stream of writes with few reads: measured, see
// the benchmarks' documentation.
func (o Options) leveldb() *opt.Options {
	compression := opt.SnappyCompression
	if o.Uncompressed {
		compression = opt.NoCompression
	}
	return &opt.Options{
		BlockSize:              16 * kib,
		BlockCacheCapacity:     8 * mib,
		Compression:            compression,
		CompactionL0Trigger:    6,
		CompactionTableSize:    8 * mib,
		CompactionTotalSize:    64 * mib,
		DisableSeeksCompaction: true,
		Filter:                 filter.NewBloomFilter(10),
		OpenFilesCacheCapacity: 128,
		WriteBuffer:            o.WriteBuffer,
		WriteL0SlowdownTrigger: 16,
		WriteL0PauseTrigger:    32,
	}
}

// load reads the small records and refuses a state that must not be used.
func (s *Store) load() error {
	if err := s.checkIdentity(); err != nil {
		return err
	}
	position, err := s.metaInt(metaPosition)
	if err != nil {
		return err
	}
	applied, err := s.metaInt(metaApplied)
	if err != nil {
		return err
	}
	epoch, err := s.metaInt(metaEpoch)
	if err != nil {
		return err
	}
	s.position.Store(position)
	s.applied.Store(applied)
	s.onDisk, s.epoch = position, uint64(max(epoch, 0))
	// A crash may have kept a batch and lost the epoch that began with its cut: marks that
	// were made in the batch's own epoch would count as being in it.
	emitted, any, err := s.Emitted()
	if err != nil {
		return err
	}
	if any {
		s.epoch = max(s.epoch, emitted.Epoch+1)
	}
	if s.older, err = s.db.Has([]byte(metaSeed), nil); err != nil {
		return fmt.Errorf("read %s: %w", metaSeed, err)
	}
	return s.loadStreamed()
}

func (s *Store) loadStreamed() error {
	b, err := s.db.Get([]byte(metaStreamed), nil)
	if err == nil {
		s.streamed, err = parseOrigin(b)
	}
	if err != nil && !errors.Is(err, leveldb.ErrNotFound) {
		return fmt.Errorf("read %s: %w", metaStreamed, err)
	}
	if s.streamed.Latest == 0 && s.position.Load() != Unknown { // rows from before it was kept
		s.streamed.Latest = s.opts.Clock().UnixMicro()
	}
	return nil
}

func (s *Store) metaInt(name string) (int64, error) {
	b, err := s.db.Get([]byte(name), nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return Unknown, nil
	}
	if err != nil {
		return 0, s.note(fmt.Errorf("read %s: %w", name, err))
	}
	v, err := parseInt(b)
	return v, s.note(err)
}

// flushLoop bounds how long a write is held back while nothing more is written. An
// idle store costs nothing.
func (s *Store) flushLoop() {
	defer close(s.stopped)
	for {
		select {
		case <-s.stop:
			return
		case <-s.dirty:
		}
		select {
		case <-s.stop:
			return
		case <-time.After(s.opts.FlushEvery):
			_ = s.Flush() // kept in failed: the next write of the owner returns it
		}
	}
}

// touched wakes the flush loop.
func (s *Store) touched() {
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}

// Close writes what is held back, waits until every cut is released, and closes.
func (s *Store) Close() error {
	close(s.stop)
	<-s.stopped
	<-s.tidied
	s.cuts.Wait()
	err := s.touch()
	return errors.Join(err, s.Flush(), s.db.Close())
}
