package batches

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/tidemark/tidemark/views/store"
)

// Loaded takes the batch that a session began with.
func (f *Files) Loaded(b *store.Batch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sealedLast = b
}

// opened is a batch that was read from disk for as_of, and when it was last asked for.
type opened struct {
	batch *store.Batch
	used  uint64
}

// openKept is how many batches besides the newest stay in memory for as_of.
const openKept = 2

// AsOf returns the rows of a complete batch, ErrNoBatch when they are not held.
func (f *Files) AsOf(ctx context.Context, id uint64) (*store.Snapshot, error) {
	if b := f.memory(id); b != nil {
		return b.Snapshot(), nil
	}
	if b, ok := f.o.Manifests.Get(id); !ok || !b.Sealed {
		return nil, fmt.Errorf("batch %d: %w", id, ErrNoBatch)
	}
	return f.read(ctx, id)
}

// read returns a batch from disk, or as it was read before. Reads of batches come
// one after the other, since each takes the memory of a table: who goes away meanwhile
// gives up the turn.
func (f *Files) read(ctx context.Context, id uint64) (*store.Snapshot, error) {
	if b := f.again(id); b != nil {
		return b.Snapshot(), nil
	}
	select {
	case f.reading <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-f.reading }()
	if b := f.again(id); b != nil { // another has read it meanwhile
		return b.Snapshot(), nil
	}
	b, err := f.open(ctx, id)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("batch %d: %w", id, ErrNoBatch)
	}
	if err != nil {
		return nil, err
	}
	f.keep(id, b)
	return b.Snapshot(), nil
}

// again returns a batch that was read before, or nil.
func (f *Files) again(id uint64) *store.Batch {
	f.mu.Lock()
	defer f.mu.Unlock()
	o, ok := f.opened[id]
	if !ok {
		return nil
	}
	f.reads++
	o.used = f.reads
	return o.batch
}

// keep keeps a batch in memory, in the place of the one that was not asked for the longest.
func (f *Files) keep(id uint64, b *store.Batch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	for len(f.opened) >= openKept {
		oldest := uint64(0)
		for other, o := range f.opened {
			if oldest == 0 || o.used < f.opened[oldest].used {
				oldest = other
			}
		}
		delete(f.opened, oldest)
	}
	f.opened[id] = &opened{batch: b, used: f.reads}
}

func (f *Files) forget(id uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.opened, id)
}

// InMemory appends the batches that are in memory, for as_of and to be written.
func (f *Files) InMemory(dst []*store.Snapshot) []*store.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.opened {
		dst = append(dst, o.batch.Snapshot())
	}
	if f.sealedLast != nil {
		dst = append(dst, f.sealedLast.Snapshot())
	}
	for _, one := range f.queue {
		dst = append(dst, one.Rows.Snapshot())
	}
	return dst
}
