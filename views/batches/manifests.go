package batches

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// Batch is a batch as its manifests describe it, and what this view has of it.
type Batch struct {
	ID        uint64
	Cut       tables.Position // of the source topic: the next offset that is not in the batch
	Changelog tables.Position // of the changelog
	Snapshot  tables.Position // of the snapshot topic: the next offset behind the batch's records
	Rows      int64
	Changed   int64 // rows that were emitted for it, deletions included
	Checksum  uint64
	Started   time.Time
	Took      time.Duration // from the barrier to the last partition's manifest
	Trigger   string        // schedule, delta or demand
	Bytes     int64         // of its file here, 0 while it is not written
	Sealed    bool          // this view holds it, verified
}

// Manifests are those of the table's batches, and what this view has of the batches.
type Manifests struct {
	partitions  int32
	fingerprint uint32

	mu      sync.Mutex
	parts   wire.Manifests
	sealed  map[uint64]int64 // verified here: bytes of the file, 0 before it is written
	broken  map[uint64]error // whose file could not be written
	changed chan struct{}
	foreign int64 // manifests of other columns or partition counts
}

// New returns manifests of a table whose columns have the fingerprint. Reset says of how many
// partitions it is.
func New(fingerprint uint32) *Manifests {
	return &Manifests{
		fingerprint: fingerprint,
		parts:       wire.Manifests{}, sealed: map[uint64]int64{}, broken: map[uint64]error{},
		changed: make(chan struct{}),
	}
}

// Size returns the number of partitions.
func (m *Manifests) Size() int32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.partitions
}

// Reset forgets everything, for a table of so many partitions.
func (m *Manifests) Reset(partitions int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.partitions, m.foreign = partitions, 0
	clear(m.parts)
	clear(m.sealed)
	clear(m.broken)
	m.tell()
}

// Put takes a record of the batches topic.
func (m *Manifests) Put(key, value []byte) error {
	got, removed, err := wire.ParseManifestRecord(key, value)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case removed:
		m.parts.Remove(got.Batch, got.Partition)
	case got.Partitions != m.partitions || got.Fingerprint != m.fingerprint:
		m.foreign++
		return nil
	default:
		m.parts.Put(got)
	}
	m.tell()
	return nil
}

func (m *Manifests) tell() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Watch returns a channel that is closed when something changes.
func (m *Manifests) Watch() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// Get returns a batch when all of its manifests are there.
func (m *Manifests) Get(id uint64) (Batch, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.batch(id)
}

func (m *Manifests) batch(id uint64) (Batch, bool) {
	parts := m.parts.Complete(id)
	if parts == nil {
		return Batch{}, false
	}
	b := Batch{ID: id}
	var started, finished int64
	for p, one := range parts {
		b.Cut = b.Cut.Set(p, one.Source)
		b.Changelog = b.Changelog.Set(p, one.Changelog)
		b.Snapshot = b.Snapshot.Set(p, one.Snapshot)
		b.Rows += one.Rows
		b.Changed += one.Changed
		b.Checksum += one.Checksum
		if started == 0 || one.Started < started {
			started = one.Started
		}
		finished = max(finished, one.Finished)
		b.Trigger = one.Trigger
	}
	b.Started = time.UnixMicro(started).UTC()
	b.Took = max(0, time.Duration(finished-started)*time.Microsecond)
	b.Bytes, b.Sealed = m.sealed[id]
	return b, true
}

// Complete returns the batches whose manifests are all there, newest first.
func (m *Manifests) Complete() []Batch {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Batch
	for id := range m.parts {
		if b, ok := m.batch(id); ok {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b Batch) int { return cmp.Compare(b.ID, a.ID) })
	return out
}

// Newest returns the newest complete batch.
func (m *Manifests) Newest() (Batch, bool) {
	if all := m.Complete(); len(all) > 0 {
		return all[0], true
	}
	return Batch{}, false
}

// After returns the oldest complete batch with a higher id.
func (m *Manifests) After(id uint64) (Batch, bool) {
	all := m.Complete()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].ID > id {
			return all[i], true
		}
	}
	return Batch{}, false
}

// Seal says that the view holds a batch, and how large its file is, 0 while there is none.
func (m *Manifests) Seal(id uint64, bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sealed[id] = max(bytes, m.sealed[id])
	delete(m.broken, id)
	m.tell()
}

// Unseal says that the view no longer has a batch.
func (m *Manifests) Unseal(id uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sealed, id)
	m.tell()
}

// Fail says that a batch's file could not be written.
func (m *Manifests) Fail(id uint64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken[id] = err
	m.tell()
}

// Failure returns why a batch's file could not be written, nil when it was not tried or was.
func (m *Manifests) Failure(id uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.broken[id]
}

// Passed reports whether a later batch is held and this one is not.
func (m *Manifests) Passed(id uint64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, held := m.sealed[id]; held {
		return false
	}
	for other := range m.sealed {
		if other > id {
			return true
		}
	}
	return false
}
