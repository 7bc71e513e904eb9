package bootstrap

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
)

// Due reports whether a replay has come to its end, before the record at a source offset.
func (f *Filling) Due(next int64) bool {
	until, replaying := f.replaying()
	return replaying && next >= until
}

// End ends the replay before the record at a source offset. It returns false when the
// run is over. The feeder of the run calls it.
func (f *Filling) End(ctx context.Context, next int64) (bool, error) {
	f.change(func(s *wire.Bootstrap) { s.Phase = wire.BootstrapAdopting })
	select {
	case <-f.looked: // of a run that has ended
	default:
	}
	// It is queued after all changes of that stretch, and before any later one.
	if !f.run.Event(ctx, bus.Event{Kind: bus.Adopt}) {
		return false, nil
	}
	select {
	case <-ctx.Done():
		return false, nil
	case <-f.looked:
	}
	if err := f.acknowledged(ctx); err != nil {
		return false, unlessOver(ctx, err)
	}
	if err := f.drained(ctx, next); err != nil {
		return false, unlessOver(ctx, err)
	}
	return true, unlessOver(ctx, f.live(ctx, next))
}

// unlessOver drops an error that only says that the run is over.
func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// drainLook is how often it is looked whether what was read is done.
const drainLook = 20 * time.Millisecond

// drained waits until everything before a source offset is done, dead letters included.
func (f *Filling) drained(ctx context.Context, next int64) error {
	tick := time.NewTicker(drainLook)
	defer tick.Stop()
	for f.opts.Source.Done() < next {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}

// LookForEnd has the source read on behind a stretch at the replay's end that holds no record.
// The feeder of the run calls it, now and then.
func (f *Filling) LookForEnd(ctx context.Context) error {
	until, replaying := f.replaying()
	if replaying && until == noEnd {
		if err := f.findRepartitionEnd(ctx); err != nil {
			f.opts.Events.ReplayEndNotFound(events.ReplayEndNotFound{Err: err})
		}
		return nil
	}
	source := f.opts.Source
	next := source.Next()
	if !replaying || next >= until || !source.Idle() {
		return nil
	}
	left, err := logread.Deliverable(ctx, f.opts.Admin, f.opts.Input, f.opts.Partition, next, until)
	if err != nil {
		f.opts.Events.ReplayEndNotSeen(events.ReplayEndNotSeen{Err: err})
		return nil
	}
	if !left {
		source.SkipTo(until)
	}
	return nil
}
