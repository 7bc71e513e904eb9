package state

import (
	"errors"
	"fmt"
	"sync"

	"github.com/tidemark/tidemark/tables"
)

// Store is the open state of a partition: its rows and deletions, and beside them what is
// kept for others. One goroutine writes rows; positions, reads and cuts may come from others.
type Store struct {
	disk *disk

	Deletions     *Deletions     // for how long deletions are kept
	Batches       *Batches       // which rows the next batch has, and how far the newest is
	Truncates     *Truncates     // that rows are not to outlive
	BeforeImages  *BeforeImages  // last rows of keys that became others
	ImageRequests *ImageRequests // of other partitions for such rows
	Previous      *Previous      // rows of the generation before

	stop  chan struct{}
	loops sync.WaitGroup
}

// Open opens the state, or makes an empty one. A state that is corrupt, of other
// topics or too old is set aside first; a disk that cannot be written is an error.
func Open(o Options) (*Store, error) {
	o.defaults()
	s, err := open(o)
	var unfit *UnfitError
	if o.Storage == nil && (errors.As(err, &unfit) || isCorrupt(err)) {
		if err := quarantine(o, err); err != nil {
			return nil, err
		}
		s, err = open(o)
	}
	if err != nil {
		return nil, fmt.Errorf("open the state in %s: %w", o.Dir, err)
	}
	s.loops.Go(func() { s.disk.flushLoop(s.stop) })
	s.loops.Go(func() { s.disk.compactLoop(s.stop) })
	return s, nil
}

func open(o Options) (*Store, error) {
	d, err := openDisk(o)
	if err != nil {
		return nil, err
	}
	s := &Store{
		disk: d, Deletions: &Deletions{disk: d}, Batches: &Batches{disk: d}, Truncates: &Truncates{d},
		BeforeImages: &BeforeImages{d}, ImageRequests: &ImageRequests{d}, Previous: &Previous{disk: d}, stop: make(chan struct{}),
	}
	if err := errors.Join(s.Batches.load(), s.Previous.load()); err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	return s, nil
}

// Close writes what is held back, waits until every cut is released, and closes.
func (s *Store) Close() error {
	close(s.stop)
	s.loops.Wait()
	s.disk.users.Wait()
	err := s.disk.touch()
	return errors.Join(err, s.disk.sync(), s.disk.db.Close())
}

// Flush hands everything held back to LevelDB.
func (s *Store) Flush() error { return s.disk.sync() }

// Touch notes that the state is current now. The owner calls it while it runs.
func (s *Store) Touch() error { return s.disk.touch() }

// Damage returns the first error that showed that the files are damaged, or nil. A
// damaged state must be set aside: it would fail again.
func (s *Store) Damage() error {
	if p := s.disk.damage.Load(); p != nil {
		return *p
	}
	return nil
}

// Doubt makes the state count as damaged, for a reason that its files do not show, and
// returns that.
func (s *Store) Doubt(why error) error {
	s.disk.damage.CompareAndSwap(nil, &why)
	return why
}

// SetPosition notes the changelog offset that the rows include now. It never waits
// for the disk.
func (s *Store) SetPosition(offset int64) {
	s.disk.progress.position.Store(offset)
	s.disk.wake()
}

// Position returns the changelog offset that the rows include, or Unknown.
func (s *Store) Position() int64 { return s.disk.progress.position.Load() }

// Applied returns the highest source offset that was applied, or Unknown.
func (s *Store) Applied() int64 { return s.disk.progress.applied.Load() }

// Streamed is the highest position, and the latest time, of the streamed events that
// rows and deletions come from; the position is not known when there were none.
func (s *Store) Streamed() (tables.SourcePosition, int64) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	return s.disk.progress.streamed.Source, s.disk.progress.streamed.Time
}

// Latest is the latest time of all changes that rows and deletions come from, and whether
// these have positions of several epochs, so that none is above all others.
func (s *Store) Latest() (at int64, mixed bool) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	return s.disk.progress.streamed.Latest, s.disk.progress.streamed.Mixed
}

// SetControl notes the next offset of the control topic to be read.
func (s *Store) SetControl(offset int64) error {
	return s.disk.set(metaControl, appendInt(nil, offset))
}

// Control returns the next offset of the control topic to be read, or Unknown.
func (s *Store) Control() (int64, error) { return s.disk.int(metaControl) }
