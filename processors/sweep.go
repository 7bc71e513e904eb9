package processors

import (
	"context"
	"errors"
	"time"
)

// The pace of sweeping the state. A sweep looks at every deletion that is kept, which may
// take a minute, so it has a goroutine of its own: commits and progress go on.
const (
	sweepLook  = time.Minute
	sweepSoon  = 5 * time.Minute // where deletions are to be forgotten that nothing else does
	sweepEvery = time.Hour
)

func (r *run) sweepLoop(ctx context.Context) {
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
		if since < sweepSoon || since < sweepEvery && !r.store.Deletions.ManyToForget() {
			continue
		}
		last = time.Now()
		r.check(r.sweep(ctx))
	}
}

func (r *run) sweep(ctx context.Context) error {
	n, err := r.store.Sweep(ctx, r.floor.Load())
	if err != nil && errors.Is(err, ctx.Err()) {
		return nil // the next run does it
	}
	r.logger.Debug("deletions that were kept long enough forgotten", "count", n)
	return err
}
