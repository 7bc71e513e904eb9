package batches

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/store/persist"
)

// Files writes the batches that were sealed, one after the other, in the
// background, and drops those that need not be kept any more.
type Files struct {
	o FilesOptions

	mu         sync.Mutex
	sealedLast *store.Batch // sealed last, in memory
	queue      []Filing
	wake       chan struct{}

	reading chan struct{} // has room for the one that reads a batch from disk
	opened  map[uint64]*opened
	reads   uint64
}

// FilesOptions say where the files of batches are, and who is notified of them. All are required.
type FilesOptions struct {
	Dir       string // of the files; see the package comment
	Table     *tables.Table
	Manifests *Manifests // is informed what is held and how large its file is
	Events    *events.Listener
	Clock     func() time.Time
}

// Filing is a batch that is to be written.
type Filing struct {
	Batch Batch
	Rows  *store.Batch
}

// NewFiles returns files of which nothing is known yet.
func NewFiles(o FilesOptions) *Files {
	return &Files{o: o, wake: make(chan struct{}, 1), reading: make(chan struct{}, 1), opened: map[uint64]*opened{}}
}

// Add takes a batch that was sealed: it counts as held from now on.
func (f *Files) Add(one Filing) {
	f.mu.Lock()
	before := f.sealedLast
	f.sealedLast = one.Rows
	f.queue = append(f.queue, one)
	f.mu.Unlock()
	if before != nil && f.o.Manifests.Failure(before.Batch) != nil {
		f.o.Manifests.Unseal(before.Batch) // neither in memory any more nor on disk
	}
	f.o.Manifests.Seal(one.Batch.ID, 0)
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Reset forgets the batches of topics that are no more.
func (f *Files) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.opened)
	f.sealedLast, f.queue = nil, nil
}

// next returns the batch that is to be written. It stays in the queue until it is, or
// cannot be: what one attempt of the view has begun, the next one ends.
func (f *Files) next() (Filing, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		return Filing{}, false
	}
	return f.queue[0], true
}

// done takes a batch off the queue.
func (f *Files) done() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = slices.Delete(f.queue, 0, 1)
}

// memory returns a batch that is still in memory.
func (f *Files) memory(id uint64) *store.Batch {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sealedLast != nil && f.sealedLast.Batch == id {
		return f.sealedLast
	}
	for _, one := range f.queue {
		if one.Batch.ID == id {
			return one.Rows
		}
	}
	return nil
}

// Run writes files until the context ends.
func (f *Files) Run(ctx context.Context) error {
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

func (f *Files) write(ctx context.Context, one Filing) {
	id := one.Batch.ID
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
		f.o.Events.BatchNotWritten(events.BatchNotWritten{Batch: id, Err: err})
		f.o.Manifests.Fail(id, fmt.Errorf("write batch %d: %w", id, err))
		return
	}
	f.o.Manifests.Seal(id, info.Size())
	f.o.Events.BatchWritten(events.BatchWritten{Batch: id, Path: path, Bytes: info.Size()})
}

// retain drops the files of batches that are neither among the last nor young
// enough, and never the newest.
func (f *Files) retain() {
	policy := f.o.Table.Batch
	removed, err := persist.Prune(f.o.Dir, policy, f.o.Clock())
	if err != nil {
		f.o.Events.BatchesNotPruned(events.BatchesNotPruned{Err: err})
	}
	for _, id := range removed {
		f.o.Manifests.Unseal(id)
		f.forget(id)
	}
}
