package processors

import (
	"errors"

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
