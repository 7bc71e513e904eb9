package changes

import (
	"context"
	"errors"

	"github.com/tidemark/tidemark/tables"
)

// ErrGone says that the feed no longer has what comes after the reader's place.
var ErrGone = errors.New("the changes after this place are no longer kept")

// ErrOver says that the feed has ended.
var ErrOver = errors.New("the changes have ended")

// Reader follows a feed from a place. It is for one goroutine.
type Reader struct {
	f       *Feed
	next    uint64 // number of the next group
	version uint64 // groups up to this version are passed over
	seen    tables.Position
	started bool
	taken   []Group
}

// From returns a reader of what happens after a version of the store's rows, whose
// position is given.
func (f *Feed) From(version uint64, at tables.Position) *Reader {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &Reader{f: f, next: f.first, version: version, seen: at.Clone(), started: true}
}

// Resume returns a reader of what happens after a position of the source topic, or
// ErrGone.
func (f *Feed) Resume(at tables.Position) (*Reader, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !at.Reaches(f.begin) {
		return nil, ErrGone
	}
	return &Reader{f: f, next: f.first, seen: at.Clone()}, nil
}

// Next waits for changes and returns them: each key's once, its oldest Old and its
// newest New, in the order of their last change. The error is ErrGone when the reader
// was too slow, ErrOver when there is nothing to come, or the context's.
func (r *Reader) Next(ctx context.Context) (Batch, error) {
	for {
		groups, wait, err := r.take()
		if err != nil {
			return Batch{}, err
		}
		if b := r.batch(groups); len(b.Events) > 0 {
			return b, nil
		}
		if wait == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		case <-wait:
		}
	}
}

// take returns the groups that the reader has not seen, or a channel that is closed
// when there are some.
func (r *Reader) take() ([]Group, <-chan struct{}, error) {
	f := r.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.next < f.first {
		return nil, nil, ErrGone
	}
	r.taken = append(r.taken[:0], f.groups[r.next-f.first:]...)
	r.next = f.first + uint64(len(f.groups))
	if len(r.taken) > 0 {
		return r.taken, nil, nil
	}
	if f.over {
		return nil, nil, ErrOver
	}
	if f.changed == nil {
		f.changed = make(chan struct{})
	}
	return nil, f.changed, nil
}
