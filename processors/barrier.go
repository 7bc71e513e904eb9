package processors

import (
	"context"
	"fmt"
	"strconv"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

// cutRequest is a batch whose cut has been taken and whose rows are to be emitted.
type cutRequest struct {
	control   wire.Control
	cut       *state.Cut // the rows as of the barrier
	source    int64      // next source offset that is not in it
	changelog chan boundaryReached
	next      int64 // the changelog's cut, once it is known
}

type boundaryReached struct {
	next int64
	err  error
}

// askedBatch says that a batch is to be made. The state remembers it from then on, so the
// control record is done: however long the batch takes, nothing waits behind it.
func (r *run) askedBatch(c wire.Control, fed int64) error {
	if last, ok := r.catalog.known(r.partition); c.Batch <= r.asked || ok && c.Batch <= last.Batch {
		return nil
	}
	if err := r.store.SetBarrier(c.Batch, wire.AppendControl(nil, c)); err != nil {
		return err
	}
	r.asked = c.Batch
	return r.meetBarrier(c, fed)
}

// loadBarrier takes up the batch that an earlier run was asked for and has not made.
func (r *run) loadBarrier() error {
	batch, value, err := r.store.Barrier()
	if err != nil || value == nil {
		return err
	}
	if r.hasBatch && batch <= r.previous.Batch {
		return r.store.DropBarrier(batch)
	}
	c, err := wire.ParseControl(value)
	if err != nil {
		return fmt.Errorf("barrier in the local state: %w", err)
	}
	r.asked, r.late = batch, &c
	r.tooEarly.Store(true)
	return nil
}

// meetBarrier takes the cut of a batch, or lets it wait: what an earlier run has left in
// the state is more than the source before the cut, and maybe more than the changelog has,
// until the source has been read again up to there. Only the newest waits.
func (r *run) meetBarrier(c wire.Control, fed int64) error {
	source := r.cutAt(fed)
	if source >= r.wholeFrom {
		r.late = nil
		return r.barrier(source, c)
	}
	r.late = &c
	r.tooEarly.Store(true)
	tell(r.released) // the feeder looks
	return nil
}

// meetLate takes the cut that had to wait.
func (r *run) meetLate(fed int64) error {
	if r.late == nil {
		return nil
	}
	return r.meetBarrier(*r.late, fed)
}

// tellWhole tells a barrier that waits, in-band, that the state is whole.
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
func (r *run) barrier(source int64, c wire.Control) error {
	cut, err := r.store.Cut()
	if err != nil {
		return err
	}
	r.marking = true
	q := &cutRequest{control: c, cut: cut, source: source, changelog: make(chan boundaryReached, 1)}
	r.log.boundary(func(next int64, err error) { q.changelog <- boundaryReached{next: next, err: err} })
	r.emissions.put(q)
	return nil
}
