package processors

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// replayLook is how often it is asked whether a replay that stands still has come to the
// end of what there is: its last offsets may be markers of transactions.
const replayLook = 500 * time.Millisecond

// replayed ends the replay when the queue has reached its end. It returns false when the
// run is over.
func (r *run) replayed(ctx context.Context) (bool, error) {
	until, replaying := r.filling.replaying()
	next := r.feeder.fedNext()
	if !replaying || !r.gate.open() || next < until {
		return true, nil
	}
	r.feeder.newest.take() // of before
	r.filling.change(func(s *wire.Bootstrap) { s.Phase = wire.BootstrapAdopting })
	select {
	case <-r.filling.done: // of a run that has ended
	default:
	}
	// It stands behind all changes of that stretch, and before any later one.
	if !r.feeder.sendEvent(ctx, bus.Event{Kind: bus.Adopt}) {
		return false, nil
	}
	select {
	case <-ctx.Done():
		return false, nil
	case <-r.filling.done:
	}
	if err := r.acknowledged(ctx); err != nil {
		return false, r.unlessOver(ctx, err)
	}
	if err := r.drained(ctx, next); err != nil {
		return false, r.unlessOver(ctx, err)
	}
	r.noteStreamed(r.store)
	return true, r.unlessOver(ctx, r.live(ctx, next))
}

// unlessOver drops an error that only says that the run is over.
func (r *run) unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// drained waits until everything before a source offset is done, dead letters included.
func (r *run) drained(ctx context.Context, next int64) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for r.queue.Watermark() < next {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}

// lookForEnd moves the queue over a stretch at the replay's end that holds no record.
func (r *run) lookForEnd(ctx context.Context) error {
	until, replaying := r.filling.replaying()
	if replaying && until == noEnd {
		if err := r.findPlacedEnd(ctx); err != nil {
			r.logger.Warn("end of the replay not found", "error", err)
		}
		return nil
	}
	next := r.queue.ReadNext()
	if !replaying || next >= until || !r.feeder.idle() {
		return nil
	}
	left, err := logread.Deliverable(ctx, r.admin, kafka.Topic{Name: r.sourceTopic, ID: r.sourceID}, r.partition, next, until)
	if err != nil {
		r.logger.Warn("end of the source not looked at", "error", err)
		return nil
	}
	if !left {
		r.queue.SkipTo(until)
	}
	return nil
}

// adopt looks at every row of the older generation that the source has not deleted. It is
// called in-band, by goka's goroutine: nothing newer is folded meanwhile.
func (r *run) adopt(bus.Event) error {
	rec := r.filling.get()
	newest := max(r.queue.ReadNext()-1, r.store.Applied())
	a := &adoption{run: r, from: rec.From, newest: newest, sweep: r.filling.plan.Rows == seed.Sweep}
	if err := r.store.Previous.Each(a.row); err != nil {
		return err
	}
	// What was deleted meanwhile is no longer among them, nor is what lives in another
	// partition now: over all partitions these even out.
	swept := a.swept
	if rec.Old != rec.Kept {
		swept = rec.Old - a.found - (rec.Kept - a.found - a.swept)
	}
	r.filling.change(func(s *wire.Bootstrap) { s.Adopted, s.Swept, s.Partial = a.adopted, swept, a.partial })
	r.filling.done <- struct{}{}
	return nil
}

type adoption struct {
	*run
	from           int64
	newest         int64 // the highest source offset that the changelog has a record of
	sweep          bool
	found          int64 // rows of which the source told
	adopted, swept int64
	partial        int64
}

// row takes an older row over, or leaves it out. A row of the table that is from before
// the stretch can only have been taken over before, by a run that was interrupted: it is
// written again.
func (a *adoption) row(key string, older, row []byte) error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	if row != nil {
		s, err := wire.ParseStateRow(row)
		if err == nil && s.Offset >= a.from {
			a.found++
		}
		if err != nil || s.Offset >= a.from {
			return err
		}
		return a.write(key, row, s.Incomplete())
	}
	if a.sweep {
		a.swept++
		return nil
	}
	s, err := wire.ParseStateRow(older)
	if err != nil {
		return err
	}
	placed := s.Home != 0 && !a.filling.plan.From.Rekeyed() // the older changelog's partition: see keepdoubles.go
	if s.Offset >= a.from || placed {                       // its event was read again and could not be used
		var moved tables.Row
		if moved, err = s.Row(nil); err != nil {
			return err
		}
		moved.Offset = min(moved.Offset, a.from-1)
		if placed {
			moved.Home = 0
		}
		older = wire.AppendStateRow(nil, a.fingerprint, &moved)
	}
	return a.write(key, older, s.Incomplete())
}

// write puts a row under the offset of the newest change: everything before it is there,
// and what recovers or reads the changelog has no late record to suspect. Another process
// that had the partition meanwhile may have read further, and may have taken rows over.
func (a *adoption) write(key string, row []byte, partial bool) error {
	a.adopted++
	if partial {
		a.partial++
	}
	b := a.rows.Keep(append(a.rows.Room(len(row)), row...))
	return a.rows.Put(key, b, originOf(a.newest, b), ignoreAck)
}
