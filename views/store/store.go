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
)

// Change is one record of the changelog.
type Change struct {
	Partition int32
	// Offset is the record's in the changelog. A change at or after an offset that
	// was applied before is ignored. -1 stands before every cut: rows of the snapshot
	// topic, from which a base is built, have it.
	Offset int64
	Key    tables.Key
	Values []tables.Value // one per column; nil removes the key. They are copied.
}

// Store is the rows of one table. Apply and Load are for one goroutine at a time; all
// other methods can be called from any.
type Store struct {
	layout       *layout
	cores        int
	compactAfter int
	events       *events.Listener
	metrics      *metrics
	nonce        uint64

	current atomic.Pointer[version]
	newest  atomic.Pointer[Snapshot] // of current: made once for all its readers

	// write is held by Apply and, for the short swap at its end, by a merge. It comes
	// after merging in the order of locks.
	write   sync.Mutex
	applied []int64 // per partition, the next offset of the changelog
	// merging is held by the one merge that runs.
	merging     sync.Mutex
	compacting  atomic.Bool
	compactions sync.WaitGroup                  // and what follows them
	compactDone *sync.Cond                      // with write: told when a compaction ends
	hold        atomic.Pointer[tables.Position] // compactions go no further
	heldAt      atomic.Int64                    // entries of the delta when the last compaction was held back
}

// New returns an empty store.
func New(o Options) (*Store, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	l, err := newLayout(o.Table)
	if err != nil {
		return nil, err
	}
	var nonce [8]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return nil, fmt.Errorf("store of %s: %w", o.Table.Name, err)
	}
	s := &Store{
		layout: l, cores: o.Cores, compactAfter: o.CompactAfter,
		nonce: binary.BigEndian.Uint64(nonce[:]),
	}
	s.compactDone = sync.NewCond(&s.write)
	s.publish(&version{generation: newGeneration(emptyBase(l))})
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
		if err := s.layout.check(&changes[i]); err != nil {
			c := &changes[i]
			return fmt.Errorf("change at %d:%d: %w", c.Partition, c.Offset, err)
		}
	}
	s.write.Lock()
	defer s.write.Unlock()
	s.awaitRoom(len(changes))
	v := *s.current.Load()
	if v.count+len(changes) > column.MaxRows || v.base.rows+v.count+len(changes) > column.MaxRows {
		return fmt.Errorf("table %s: a store holds at most %d rows", s.layout.table.Name, column.MaxRows)
	}
	w := writer{version: &v, at: v.clock + 1}
	for i := range changes {
		c := &changes[i]
		if c.Offset >= 0 {
			if c.Offset < tables.Position(s.applied).At(c.Partition) {
				continue
			}
			s.applied = tables.Position(s.applied).Set(c.Partition, c.Offset+1)
		}
		w.apply(c)
	}
	if w.changed {
		v.clock++
		v.number++
	}
	if pos != nil {
		v.position = pos.Clone()
	}
	s.publish(&v)
	s.compactIfLarge(&v)
	return nil
}

// publish makes v the version that readers take. The caller holds write.
func (s *Store) publish(v *version) {
	v.chunks, v.count = *v.delta.chunks.Load(), v.delta.count
	s.current.Store(v)
	s.newest.Store(&Snapshot{v: v, cores: s.cores, nonce: s.nonce})
}

// writer applies changes to a generation, for readers from version at on.
type writer struct {
	*version
	at      uint32
	changed bool
}

// apply appends the entry of a change and buries what it supersedes.
func (w *writer) apply(c *Change) {
	hash := hashKey(c.Key)
	old := noRef
	entry, slot := w.delta.newest(c.Key, hash)
	live := false
	if entry >= 0 {
		old = deltaRef | ref(entry)
		ch, i := at(*w.delta.chunks.Load(), entry)
		live = !ch.gone[i]
	} else if row := w.base.find(c.Key, hash); row >= 0 {
		old, live = ref(row), true
	}
	if c.Values == nil && !live {
		return // gone before: nothing for a reader or a batch to see
	}
	ch, i := w.delta.room()
	if c.Values == nil {
		w.putRemoval(ch, i, c.Key)
	} else {
		for col, f := range w.layout.forms {
			ch.cols[col].Put(f, i, c.Values[col])
		}
		w.rows++
	}
	ch.prev[i], ch.offset[i], ch.part[i] = uint32(old), c.Offset, c.Partition
	w.delta.commit(hash, slot, entry >= 0)
	if live {
		w.bury(old)
		w.rows--
	}
	w.changed = true
}

// putRemoval writes an entry that has its key and is dead from the beginning.
func (w *writer) putRemoval(ch *chunk, i int, key tables.Key) {
	for col, f := range w.layout.forms {
		ch.cols[col].Put(f, i, tables.Value{})
	}
	values, err := tables.DecodeKey(key, w.layout.table.KeyTypes())
	if err == nil { // layout.check has decoded it before
		for k, col := range w.layout.key {
			ch.cols[col].Put(w.layout.forms[col], i, values[k])
		}
	}
	ch.gone[i] = true
	ch.tombstones.kill(i, 1)
}

func (w *writer) bury(old ref) {
	if old.inDelta() {
		w.delta.kill(old.row(), w.at)
	} else {
		w.tombstones.kill(old.row(), w.at)
	}
}
