package processors

import (
	"context"
	"errors"
	"strconv"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/processors/state"
)

// cutRequest is a batch whose cut has been taken and whose rows are to be emitted.
type cutRequest struct {
	control   codecs.Control
	offset    int64      // of the control record
	cut       *state.Cut // the rows as of the barrier
	source    int64      // next source offset that is not in it
	changelog chan boundaryReached
	next      int64 // the changelog's cut, once it is known
}

type boundaryReached struct {
	next int64
	err  error
}

var errTooManyCuts = errors.New("too many batches wait to be emitted")

// lateBarrier is a barrier that was met before its cut can be taken.
type lateBarrier struct {
	control codecs.Control
	offset  int64 // of the control record
}

// meetBarrier takes the cut of a batch, or lets it wait: what an earlier run has left in
// the state is more than the source before the cut, and maybe more than the changelog has,
// until the source has been read again up to there.
func (r *run) meetBarrier(b lateBarrier, fed int64) error {
	source := r.cutAt(fed)
	if source >= r.wholeFrom {
		return r.barrier(source, b.offset, b.control)
	}
	r.late = append(r.late, b)
	r.tooEarly.Store(true)
	tell(r.released) // the feeder looks
	return nil
}

// meetLate takes the cuts that had to wait.
func (r *run) meetLate(fed int64) error {
	late := r.late
	r.late = nil
	for i, b := range late {
		if err := r.meetBarrier(b, fed); err != nil {
			r.late = append(r.late, late[i+1:]...)
			return err
		}
	}
	return nil
}

// tellWhole tells barriers that wait, in-band, that the state is whole.
func (r *run) tellWhole(ctx context.Context) bool {
	if !r.tooEarly.Load() || r.hold.Load() != noHold || r.fedNext() < r.wholeFrom {
		return true
	}
	r.tooEarly.Store(false)
	return r.sendOwn(ctx, wholeOffset, strconv.FormatInt(r.fedNext(), 10))
}

// barrier takes the cut of a batch. It is called in-band, by goka's goroutine: what
// came before is in the state, what comes after is not. All the rest is done in the
// background, so ingestion waits for one flush of LevelDB only.
func (r *run) barrier(source, offset int64, c codecs.Control) error {
	if last, ok := r.catalog.known(r.partition); ok && c.Batch <= last.Batch {
		return r.controlDone(offset)
	}
	cut, err := r.store.Cut()
	if err != nil {
		return err
	}
	r.marking = true
	q := &cutRequest{control: c, offset: offset, cut: cut, source: source, changelog: make(chan boundaryReached, 1)}
	r.log.boundary(func(next int64, err error) { q.changelog <- boundaryReached{next: next, err: err} })
	select {
	case r.cuts <- q:
		return nil
	default:
		cut.Release()
		return errTooManyCuts
	}
}
