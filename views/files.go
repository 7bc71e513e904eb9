package views

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"

	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/store/persist"
)

// ErrNoBatch is returned for a batch that does not exist, is no longer kept, or is
// not held by this view.
var ErrNoBatch = errors.New("there is no such batch")

// files writes the batches that were sealed, one after the other, in the
// background, and drops those that need not be kept any more.
type files struct {
	v *View

	mu     sync.Mutex
	newest *store.Batch // sealed last, in memory
	queue  []filing
	wake   chan struct{}

	reading chan struct{} // has room for the one that reads a batch from disk
	opened  map[uint64]*opened
	reads   uint64
}

type filing struct {
	batch  Batch
	sealed *store.Batch
}

func newFiles(v *View) *files {
	return &files{v: v, wake: make(chan struct{}, 1), reading: make(chan struct{}, 1), opened: map[uint64]*opened{}}
}

// add takes a batch that was sealed: it counts as held from now on.
func (f *files) add(one filing) {
	f.mu.Lock()
	before := f.newest
	f.newest = one.sealed
	f.queue = append(f.queue, one)
	f.mu.Unlock()
	if before != nil && f.v.batches.Failure(before.Batch) != nil {
		f.v.batches.Unseal(before.Batch) // neither in memory any more nor on disk
	}
	f.v.batches.Seal(one.batch.ID, 0)
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// reset forgets the batches of topics that are no more.
func (f *files) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.opened)
	f.newest, f.queue = nil, nil
}

// next returns the batch that is to be written. It stays in the queue until it is, or
// cannot be: what one attempt of the view has begun, the next one ends.
func (f *files) next() (filing, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		return filing{}, false
	}
	return f.queue[0], true
}

// done takes a batch off the queue.
func (f *files) done() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = slices.Delete(f.queue, 0, 1)
}

// memory returns a batch that is still in memory.
func (f *files) memory(id uint64) *store.Batch {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.newest != nil && f.newest.Batch == id {
		return f.newest
	}
	for _, one := range f.queue {
		if one.batch.ID == id {
			return one.sealed
		}
	}
	return nil
}

// run writes files until the context ends.
func (f *files) run(ctx context.Context) error {
	for {
		one, ok := f.next()
		if !ok {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-f.wake:
				continue
			}
		}
		if f.write(ctx, one); ctx.Err() != nil {
			return context.Cause(ctx)
		}
		f.retain()
	}
}

func (f *files) write(ctx context.Context, one filing) {
	id := one.batch.ID
	path, err := f.save(ctx, one)
	if ctx.Err() != nil {
		return
	}
	defer f.done()
	var info os.FileInfo
	if err == nil {
		info, err = os.Stat(path)
	}
	if err != nil {
		f.v.metrics.batches.WithLabelValues("unwritten").Inc()
		f.v.log.Error("batch could not be written", "batch", id, "error", err)
		f.v.batches.Fail(id, fmt.Errorf("write batch %d: %w", id, err))
		return
	}
	f.v.batches.Seal(id, info.Size())
	f.v.log.Info("batch is written", "batch", id, "path", path, "bytes", info.Size())
}

// retain drops the files of batches that are neither among the last nor young
// enough, and never the newest.
func (f *files) retain() {
	policy := f.v.o.Table.Batch
	removed, err := persist.Prune(f.v.o.batchesDir(), policy, f.v.o.Clock())
	if err != nil {
		f.v.log.Warn("old batches could not be removed", "error", err)
	}
	for _, id := range removed {
		f.v.batches.Unseal(id)
		f.forget(id)
	}
}

// loaded takes the batch that a session began with.
func (f *files) loaded(b *store.Batch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newest = b
}

// opened is a batch that was read from disk for as_of, and when it was last asked for.
type opened struct {
	batch *store.Batch
	used  uint64
}

// openKept is how many batches besides the newest stay in memory for as_of.
const openKept = 2

// AsOf returns the rows of a complete batch, ErrNoBatch when this view does not hold it.
func (v *View) AsOf(ctx context.Context, id uint64) (*store.Snapshot, error) {
	if b := v.files.memory(id); b != nil {
		return b.Snapshot(), nil
	}
	if b, ok := v.batches.Get(id); !ok || !b.Sealed {
		return nil, fmt.Errorf("batch %d: %w", id, ErrNoBatch)
	}
	return v.files.read(ctx, id)
}

// read returns a batch from disk, or as it was read before. Reads of batches come
// one after the other, since each takes the memory of a table: who goes away meanwhile
// gives up the turn.
func (f *files) read(ctx context.Context, id uint64) (*store.Snapshot, error) {
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
func (f *files) again(id uint64) *store.Batch {
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
func (f *files) keep(id uint64, b *store.Batch) {
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

func (f *files) forget(id uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.opened, id)
}

// held appends the batches that are in memory, for as_of and to be written.
func (f *files) held(dst []*store.Snapshot) []*store.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.opened {
		dst = append(dst, o.batch.Snapshot())
	}
	if f.newest != nil {
		dst = append(dst, f.newest.Snapshot())
	}
	for _, one := range f.queue {
		dst = append(dst, one.sealed.Snapshot())
	}
	return dst
}

// Batches returns the complete batches that this view holds, newest first.
func (v *View) Batches() []Batch {
	all := slices.DeleteFunc(v.batches.Complete(), func(b Batch) bool { return !b.Sealed })
	for i := range all {
		all[i].Cut = v.placed.ToSource(all[i].Cut)
	}
	return all
}

// WaitBatch returns a batch once all of its manifests are there and this view holds
// it, the context's error when that ends first, and ErrNoBatch when it can no
// longer happen: a later one is complete and this one was passed over.
func (v *View) WaitBatch(ctx context.Context, id uint64) (Batch, error) {
	b, err := v.awaitBatch(ctx, id, func(b Batch) bool { return b.Sealed })
	b.Cut = v.placed.ToSource(b.Cut)
	return b, err
}

// BatchFile returns the path of a batch's Parquet file once it is written.
func (v *View) BatchFile(ctx context.Context, id uint64) (path string, err error) {
	if b, ok := v.batches.Get(id); !ok || !b.Sealed {
		return "", fmt.Errorf("batch %d: %w", id, ErrNoBatch)
	}
	if _, err := v.awaitBatch(ctx, id, func(b Batch) bool { return b.Bytes > 0 }); err != nil {
		return "", err
	}
	return v.files.path(id), nil
}

func (v *View) awaitBatch(ctx context.Context, id uint64, done func(Batch) bool) (Batch, error) {
	for {
		changed := v.batches.Watch()
		b, ok := v.batches.Get(id)
		switch {
		case ok && done(b):
			return b, nil
		case v.batches.Failure(id) != nil:
			return Batch{}, v.batches.Failure(id)
		case v.batches.Passed(id):
			return Batch{}, fmt.Errorf("batch %d: %w", id, ErrNoBatch)
		}
		select {
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		case <-changed:
		}
	}
}
