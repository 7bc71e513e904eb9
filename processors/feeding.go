package processors

import (
	"context"

	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/apply"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/processors/feed"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/redelivery"
)

// Here is what a run has its feeder do.

// feed reads and feeds while the run lasts.
func (r *run) feed() {
	r.check(r.feeder.Feed(r.workCtx, feed.Run{
		Messages: r.messages, Gate: r.gate, Repairs: r.recoverer.Repairs(), Loaded: r.redelivery.Loaded(), Before: r.beforeNext, Look: r.lookAround,
	}))
}

// beforeNext does what comes before the next record, in its order. It reports whether the
// run goes on. The feeder calls it.
func (r *run) beforeNext(ctx context.Context) (bool, error) {
	next := r.feeder.Next()
	if r.gate.Open() && r.cutter.Due(next) && !r.feeder.SendEvent(ctx, bus.Event{Kind: bus.Whole, Offset: next}) {
		return false, nil // a barrier waits for a state that is whole
	}
	if r.answerer.Awaits() && r.answerer.Due(next) && !r.feeder.SendEvent(ctx, bus.Event{Kind: bus.Reached, Offset: next}) {
		return false, nil
	}
	return r.endReplay(ctx, next)
}

// lookAround does what needs no record, now and then. It reports whether the run goes on.
// The feeder calls it.
func (r *run) lookAround(ctx context.Context) (bool, error) {
	if err := r.filling.LookForEnd(ctx); err != nil {
		return false, err
	}
	return !r.outruns.Waiting(r.partition) || r.feeder.SendEvent(ctx, bus.Event{Kind: bus.Outrun}), nil
}

// fillLate has an insert read and folded once more whose before-image has come after its row was served.
func (r *run) fillLate(offset int64, image []byte, done bus.Done) {
	r.goBackground(func() {
		again := &redelivery.Record{Waits: true, Fold: func(e *pending.Entry, err error) error {
			return r.applier.FoldLate(&apply.Late{Offset: offset, Entry: e, Err: err, BeforeImage: image, Done: done.When})
		}}
		ctx, cancel := context.WithTimeout(r.workCtx, rereadTimeout)
		defer cancel()
		again.Source, again.Err = logread.One(ctx, r.admin, r.sourceTopic, r.partition, offset)
		r.redelivery.Bring(again)
	})
}

// retry has a dead letter folded that was read once more.
func (r *run) retry(t *deadletter.Try) {
	r.redelivery.Bring(&redelivery.Record{Source: t.Record, Err: t.Err, Fold: func(e *pending.Entry, err error) error {
		return r.applier.Retry(t, t.From, e, err)
	}})
}
