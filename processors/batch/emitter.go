package batch

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/state"
)

// emitAgain is the pace of trying a batch again. Ingestion goes on meanwhile.
var emitAgain = retry.Backoff{Least: time.Second, Most: 30 * time.Second, Steady: math.MaxInt64}

// Emitter makes the batches of the cuts that a Cutter has taken.
type Emitter struct {
	opts *Options
	cuts *waiting
}

// New makes what takes the cuts of a partition, and what makes batches of them.
func New(o Options) (*Cutter, *Emitter) {
	cuts := newWaiting()
	return &Cutter{opts: &o, cuts: cuts}, &Emitter{opts: &o, cuts: cuts}
}

// Run emits batches, one after the other, until the context is over.
func (e *Emitter) Run(ctx context.Context, s *state.Store) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.cuts.wake:
		}
		for q := e.cuts.take(); q != nil; q = e.cuts.take() {
			e.untilDone(ctx, s, q)
			q.snapshot.Release()
		}
	}
}

// End releases the cut that is not taken any more. The state may be closed after it, once Run
// has returned.
func (e *Emitter) End() { e.cuts.end() }

// untilDone emits a batch, again and again if need be: a topic that does not take
// it is no reason to stop ingestion. One that failed is given up for a newer one that
// waits. A failed changelog or a damaged state ends the run.
func (e *Emitter) untilDone(ctx context.Context, s *state.Store, q *cut) {
	select {
	case <-ctx.Done():
		return
	case b := <-q.changelog:
		if b.err != nil {
			return // the run is ending for it
		}
		q.next = b.next
	}
	for backoff := emitAgain; ; {
		begun := time.Now()
		err := e.emit(ctx, s, q)
		if err == nil || ctx.Err() != nil {
			return
		}
		err = fmt.Errorf("emit batch %d: %w", q.control.Batch, err)
		if s.Damage() != nil {
			e.opts.Fail(err)
			return
		}
		pause := backoff.Failed(time.Since(begun))
		e.opts.Events.BatchNotEmitted(events.BatchNotEmitted{Err: err, After: pause})
		if retry.Pause(ctx, pause) != nil {
			return
		}
		if e.cuts.superseded() {
			e.opts.Events.BatchGivenUp(events.BatchGivenUp{Batch: q.control.Batch})
			return
		}
	}
}

// emit writes the rows that changed since the partition's last batch, then the
// manifest. Until that is acknowledged a crash leaves the marks and the barrier in the
// state, so that the batch is taken again, later and complete.
func (e *Emitter) emit(ctx context.Context, s *state.Store, q *cut) error {
	began, o := time.Now(), e.opts
	last, exists, err := o.Catalog.Last(ctx, o.Partition)
	if err != nil {
		return err
	}
	if exists && q.control.Batch <= last.Batch {
		return s.Batches.DropBarrier(last.Batch)
	}
	n := &emission{Options: o, ctx: ctx, q: q, out: newInflight(o.Producer, o.InFlight), state: s}
	n.count.hashes = s.Batches.Hashes()
	if err := n.write(last, exists); err != nil {
		return err
	}
	snapshot, err := n.snapshotEnd(last)
	if err != nil {
		return err
	}
	m := wire.Manifest{
		Batch: q.control.Batch, Partition: o.Partition, Partitions: o.Partitions,
		Source: q.source, Changelog: q.next, Snapshot: snapshot,
		Rows: n.count.rows, Changed: n.changed, Checksum: n.count.sum,
		Started: q.control.Started, Finished: o.Clock().UnixMicro(),
		Fingerprint: o.Fingerprint, Trigger: q.control.Trigger,
	}
	if err := n.publish(m); err != nil {
		return err
	}
	o.Events.BatchEmitted(events.BatchEmitted{Batch: m.Batch, Rows: m.Rows, Changed: m.Changed, Took: time.Since(began)})
	return nil
}
