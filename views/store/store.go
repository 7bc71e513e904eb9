package store

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// Change is one record of the changelog.
type Change = mvcc.Change

// Store is the rows of one table. Apply and Load are for one goroutine at a time; all
// other methods can be called from any.
type Store struct {
	layout       *mvcc.Layout
	cores        int
	compactAfter int
	twoBases     func() (end func()) // see Options.TwoBases
	events       *events.Listener
	metrics      *metrics
	nonce        uint64

	current atomic.Pointer[mvcc.Version]
	newest  atomic.Pointer[Snapshot] // of current: made once for all its readers

	// write is held by Apply and, for the short swap at its end, by a merge. It comes
	// after merging in the order of locks.
	write   sync.Mutex
	applied []int64 // per partition, the next offset of the changelog
	// merging is held by the one merge that runs.
	merging     sync.Mutex
	compacting  atomic.Bool
	compactions sync.WaitGroup                  // and what follows them
	compactDone *sync.Cond                      // with write: signalled when a compaction ends
	hold        atomic.Pointer[tables.Position] // compactions go no further
	heldAt      atomic.Int64                    // entries of the delta when the last compaction was held back
}

// New returns an empty store.
func New(o Options) (*Store, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	l, err := mvcc.NewLayout(o.Table)
	if err != nil {
		return nil, err
	}
	var nonce [8]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return nil, fmt.Errorf("store of %s: %w", o.Table.Name, err)
	}
	s := &Store{
		layout: l, cores: o.Cores, compactAfter: o.CompactAfter, twoBases: o.TwoBases,
		nonce: binary.BigEndian.Uint64(nonce[:]),
	}
	s.compactDone = sync.NewCond(&s.write)
	s.publish(&mvcc.Version{Generation: mvcc.NewGeneration(mvcc.EmptyBase(l))})
	if s.metrics, err = newMetrics(o, s); err != nil {
		return nil, err
	}
	s.events = events.Tee(s.metrics.listener(), o.Events).EnsureDefaults()
	return s, nil
}

// Close waits for what runs in the background.
func (s *Store) Close() { s.compactions.Wait() }

// Snapshot returns the newest version. It takes no lock.
func (s *Store) Snapshot() *Snapshot {
	return s.newest.Load()
}

// Applied returns, per partition of the changelog, the next offset that Apply wants.
func (s *Store) Applied() []int64 {
	s.write.Lock()
	defer s.write.Unlock()
	return append([]int64(nil), s.applied...)
}

// Apply makes changes visible, all at once, together with the position of the
// source that they bring the table to; a nil position leaves it. Changes of one key
// must be in the order of the changelog. A change that does not fit the table is an
// error that names its place and column, and nothing is applied.
func (s *Store) Apply(changes []Change, pos tables.Position) error {
	for i := range changes {
		if err := s.layout.Check(&changes[i]); err != nil {
			c := &changes[i]
			return fmt.Errorf("change at %d:%d: %w", c.Partition, c.Offset, err)
		}
	}
	s.write.Lock()
	defer s.write.Unlock()
	s.awaitRoom(len(changes))
	v := *s.current.Load()
	if v.Count+len(changes) > column.MaxRows || v.Base.Rows+v.Count+len(changes) > column.MaxRows {
		return fmt.Errorf("table %s: a store holds at most %d rows", s.layout.Table.Name, column.MaxRows)
	}
	w := mvcc.NewWriter(&v, v.Clock+1)
	for i := range changes {
		c := &changes[i]
		if c.Offset >= 0 {
			if c.Offset < tables.Position(s.applied).At(c.Partition) {
				continue
			}
			s.applied = tables.Position(s.applied).Set(c.Partition, c.Offset+1)
		}
		w.Apply(c)
	}
	if w.Changed {
		v.Clock++
		v.Number++
	}
	if pos != nil {
		v.Position = pos.Clone()
	}
	s.publish(&v)
	s.compactIfLarge(&v)
	return nil
}

// publish makes v the version that readers take. The caller holds write.
func (s *Store) publish(v *mvcc.Version) {
	v.See()
	s.current.Store(v)
	s.newest.Store(&Snapshot{v: v, cores: s.cores, nonce: s.nonce})
}
