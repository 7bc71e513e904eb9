package processors

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/processors/bootstrap"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/progress"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
)

// upkeep does what is due by time, for one run: it reports how far the partition is, and keeps the state
// tidy. Two goroutines of the run use it, tick and sweep.
type upkeep struct {
	queue    *pending.Queue
	progress *progress.Reporter
	rows     *rowwriter.Writer
	store    *state.Store
	filling  *bootstrap.Filling
	refill   *refill
	mistrust *mistrust
	check    func(error) // ends the run on an error
	events   *events.Listener

	floor atomic.Int64 // a source offset from which on a replay may begin
}

// newUpkeep makes what keeps a run, whose table is complete.
func (r *run) newUpkeep() *upkeep {
	u := &upkeep{
		queue: r.queue, progress: r.progress, rows: r.rows, store: r.store, filling: r.filling, refill: &r.refill, mistrust: &r.mistrust,
		check: r.check, events: r.events,
	}
	u.floor.Store(r.queue.Watermark())
	return u
}

const (
	tickEvery   = 20 * time.Millisecond
	touchEvery  = time.Minute
	forgetEvery = 5 * time.Second
)

// tick does what is due often: marks and progress, soon after something was
// done and now and then as a sign of life, and keeping the state tidy.
func (u *upkeep) tick(ctx context.Context) {
	soon := time.NewTimer(0)
	defer soon.Stop()
	life := time.NewTicker(progress.LifeSign)
	defer life.Stop()
	forget := time.NewTicker(forgetEvery)
	defer forget.Stop()
	touch := time.NewTicker(touchEvery)
	defer touch.Stop()
	moved := u.queue.Moved()
	for {
		select {
		case <-ctx.Done():
			return
		case <-moved:
			moved = nil // until it has been reported
			soon.Reset(tickEvery)
			continue
		case <-soon.C:
			moved = u.queue.Moved()
		case <-life.C:
		case <-forget.C:
			// What was done one period ago has been committed by now.
			u.check(u.store.Deletions.Forget(u.floor.Load()))
			u.floor.Store(u.queue.Watermark())
		case <-touch.C:
			u.check(u.store.Touch())
		}
		u.tell()
	}
}

// tell reports how far the partition is, and what has come to an end with that.
func (u *upkeep) tell() {
	u.progress.Commit()
	u.progress.Report(u.rows)
	u.check(u.filling.Tell())
	if !u.filling.Needed() {
		u.check(u.mistrust.answer(u.store))
	}
	u.refill.note(u.queue.Watermark())
}

// The pace of sweeping the state. A sweep looks at every deletion that is kept, which may
// take a minute, so it has a goroutine of its own: commits and progress go on.
const (
	sweepLook  = time.Minute
	sweepSoon  = 5 * time.Minute // where deletions are to be forgotten that nothing else does
	sweepEvery = time.Hour
)

// sweep forgets, now and then, deletions that were kept long enough.
func (u *upkeep) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepLook)
	defer tick.Stop()
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		since := time.Since(last)
		if since < sweepSoon || since < sweepEvery && !u.store.Deletions.ManyToForget() {
			continue
		}
		last = time.Now()
		n, err := u.store.Sweep(ctx, u.floor.Load())
		if err != nil && errors.Is(err, ctx.Err()) {
			continue // the next run does it
		}
		u.events.DeletionsForgotten(events.DeletionsForgotten{Count: n})
		u.check(err)
	}
}
