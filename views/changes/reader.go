package changes

import (
	"context"
	"errors"
	"slices"
	"sort"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// ErrGone says that the feed no longer has what comes after the reader's place.
var ErrGone = errors.New("the changes after this place are no longer kept")

// ErrOver says that the feed has ended.
var ErrOver = errors.New("the changes have ended")

// Reader follows a feed from a place, with a filter. It is for one goroutine, and must
// be closed.
type Reader struct {
	f       *Feed
	filter  *query.Matcher
	version uint64 // groups up to this version are passed over
	resumed bool   // at id; the version is not known
	id      tables.Position
	seen    tables.Position // of the source topic: it has taken everything before
	woken   chan struct{}
	given   []Event // by the last Take

	// With the feed's mu.
	next   uint64 // number of the first group that it has not taken
	wanted uint64 // of the first that concerns it, when asked says that there is one
	asked  bool
	due    bool // is to get its place
}

// From returns a reader of what happens after a version of the store's rows, whose
// position is given, to the rows that the filter keeps; nil keeps all.
func (f *Feed) From(version uint64, at tables.Position, filter *query.Matcher) *Reader {
	r := newReader(f, filter, at)
	r.version = version
	f.enter(r, func() uint64 {
		if !f.reached.Reaches(at) {
			r.seen = f.reached // by which it can be found again
		}
		return f.first + uint64(sort.Search(len(f.groups), func(i int) bool { return f.groups[i].Version > version }))
	})
	return r
}

// Resume returns a reader of what happens after a position of the source topic, or
// ErrGone where that is not to be had: it is no longer kept, or not there yet.
func (f *Feed) Resume(at tables.Position, filter *query.Matcher) (*Reader, error) {
	r := newReader(f, filter, at)
	r.resumed, r.id = true, at
	gone := false
	f.enter(r, func() uint64 {
		gone = !at.Reaches(f.begin) || f.vague && f.begin.Reaches(at) || !f.reached.Reaches(at)
		return f.first
	})
	if gone {
		r.Close()
		return nil, ErrGone
	}
	return r, nil
}

func newReader(f *Feed, filter *query.Matcher, at tables.Position) *Reader {
	if filter == nil {
		filter = query.Compile(nil)
	}
	return &Reader{f: f, filter: filter, seen: at, woken: make(chan struct{}, 1)}
}

// Close ends the reader.
func (r *Reader) Close() { r.f.leave(r) }

// want says that a group concerns the reader, and that there are others up to before an
// end. What the reader has taken already does not. The caller holds the feed's mu.
func (r *Reader) want(group, end uint64) {
	if !r.asked && r.next < end {
		r.asked, r.wanted = true, max(group, r.next)
		r.wake()
	}
}

func (r *Reader) wake() {
	select {
	case r.woken <- struct{}{}:
	default: // it will look anyway
	}
}

// Woken is ready when Take may have something.
func (r *Reader) Woken() <-chan struct{} { return r.woken }

// Next waits for what Take returns, and for no longer than the context.
func (r *Reader) Next(ctx context.Context) (Batch, error) {
	for {
		b, some, err := r.Take()
		if some || err != nil {
			return b, err
		}
		select {
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		case <-r.woken:
		}
	}
}

// Take returns the changes that are there, if some are: each key's once, its oldest Old
// and its newest New, in the order of their last change. Now and then there is a batch
// without events, which gives the place. The error is ErrGone when the reader was too
// slow, or ErrOver when there is nothing to come. After something, Take again: the events
// are used for others then.
func (r *Reader) Take() (b Batch, some bool, err error) {
	if r.given != nil {
		giveBack(r.given)
		r.given = nil
	}
	groups, due, err := r.take()
	if err == nil {
		b, err = r.batch(groups)
		r.given = b.Events
	}
	return b, due || len(b.Events) > 0, err
}

// Place returns the position up to which the reader has seen everything.
func (r *Reader) Place() tables.Position {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	if !r.asked {
		r.skip(r.f.examined)
	}
	if r.next == r.f.end() {
		r.seen = join(r.seen, r.f.reached)
	}
	return r.seen
}

// skip passes over groups that do not concern the reader.
func (r *Reader) skip(to uint64) {
	if to > r.next && to >= r.f.first {
		r.next = to
		r.seen = join(r.seen, r.f.before(to))
	}
}

// take returns the groups that the reader has not seen and that may concern it.
func (r *Reader) take() (groups []entry, due bool, err error) {
	f := r.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.asked {
		r.skip(r.wanted)
	} else {
		r.skip(f.examined)
	}
	if r.next < f.first {
		return nil, false, ErrGone
	}
	if f.over && r.next == f.end() {
		return nil, false, ErrOver
	}
	groups = slices.Clone(f.groups[r.next-f.first:])
	r.next, r.asked = f.end(), false
	due, r.due = r.due, false
	if f.over {
		r.wake() // End has, but that may be why it is here; and nobody else will
	}
	return groups, due, nil
}
