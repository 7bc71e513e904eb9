package processors

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/apply"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/processors/bootstrap"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/feed"
	"github.com/tidemark/tidemark/processors/keychange"
	"github.com/tidemark/tidemark/processors/outrun"
	"github.com/tidemark/tidemark/processors/progress"
	"github.com/tidemark/tidemark/processors/recovery"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/processors/truncate"
)

// run is one life of a partition's goka processor: from recovering the table to
// the first failure, or to the loss of the partition. The claim outlives it and
// begins the next one.
type run struct {
	*claim
	messages chan *sarama.ConsumerMessage
	logger   *slog.Logger

	previous wire.Manifest // the partition's newest manifest when the run began
	hasBatch bool

	// Goka's goroutine only, or recovery's before it.
	store     *state.Store // nil until it is open
	rows      *rowwriter.Writer
	applier   *apply.Applier
	truncates *truncate.Truncates
	images    *keychange.Images
	asker     *keychange.Asker
	answerer  *keychange.Answerer
	recoverer *recovery.Recovery
	giving    *outrun.Outruns
	// replayUntil is the source offset up to which changes may have been applied before.
	replayUntil int64
	wholeFrom   int64 // the next source offset from which on the state is that of the source before it

	filling *bootstrap.Filling // the run's part in filling the partition

	gate    *feed.Gate
	rereads rereads

	bus     *bus.Bus       // who deals with control records and events
	cutter  *batch.Cutter  // takes the cuts of batches
	emitter *batch.Emitter // makes batches of them

	floor      atomic.Int64 // a source offset from which on a replay may begin
	background background
	stop       context.CancelCauseFunc
	ctx        context.Context
	stopOnce   sync.Once
	stopWork   context.CancelFunc // ends the background goroutines, before the store closes
	workCtx    context.Context
}

// messageRoom is the channel between the feeder and goka.
const messageRoom = 256

// once runs the partition's processor until it fails or the partition is lost.
func (c *claim) once(ctx context.Context) error {
	previous, hasBatch, err := c.catalog.Last(ctx, c.partition)
	if err != nil {
		return err
	}
	if err := c.boot.Open(ctx); err != nil {
		return err
	}
	if !c.boot.Needed() {
		if err := c.feeder.Open(ctx); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := &run{
		claim: c, messages: make(chan *sarama.ConsumerMessage, messageRoom), logger: c.logger,
		previous: previous, hasBatch: hasBatch,
		ctx: ctx, stop: stop,
		gate: feed.NewGate(), rereads: newRereads(),
	}
	r.workCtx, r.stopWork = context.WithCancel(ctx)
	defer r.stopWork()
	r.rows = rowwriter.New(rowwriter.Options{
		Producer: c.writer, Topic: c.names.Table, Partition: c.partition,
		Stamp: wire.Stamp{Generation: c.assignment.Generation(), Instance: c.assignment.Instance()}, Marks: hasBatch, KeptFrom: r.keptFrom,
		// goka waits for a minute for messages that wait for other partitions; untilOver ends them.
		Broken: stop,
	})
	r.recoverer = r.newRecovery()
	r.filling = r.newFilling()
	r.cutter, r.emitter = r.newBatches()
	r.truncates = r.newTruncates()
	r.images, r.asker, r.answerer = r.newKeyChanges()
	r.applier = r.newApplier()
	r.giving = r.newOutruns()
	r.bus = r.newBus()
	err = r.process(ctx)
	r.stopBackground()
	c.progress.Commit()
	if r.store != nil {
		if damage := r.store.Damage(); damage != nil {
			err = errors.Join(err, state.Quarantine(c.stateOptions(), damage))
		}
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	if err == nil && ctx.Err() == nil {
		err = errRunOver
	}
	return err
}

// openState opens the partition's state, once no state of a longer changelog is left.
func (r *run) openState() (*state.Store, error) {
	st, err := recovery.OpenState(r.stateOptions(), func() (oldest, end int64, err error) { return r.span(r.names.Table) })
	if err != nil {
		return nil, err
	}
	if r.doubted > r.whole { // the state was given up for it
		if err := st.Batches.SetWhole(); err != nil {
			return nil, errors.Join(err, st.Close())
		}
		r.whole = r.doubted
	}
	r.store = st
	r.rows.Open(st)
	r.images.Open(st)
	r.applier.Open(st)
	r.recoverer.Open(st)
	r.filling.Open(st)
	return st, nil
}

// recovered begins the work of the run: the table is complete.
func (r *run) recovered() error {
	r.replayUntil = r.store.Applied()
	r.giving.Begin(r.store)
	if err := r.truncates.Begin(r.store); err != nil {
		return err
	}
	if err := r.answerer.Begin(r.store); err != nil {
		return err
	}
	r.noteStreamed(r.store)
	done, err := r.store.Control()
	if err != nil {
		return err
	}
	if err := r.feeder.OpenControl(done); err != nil {
		return err
	}
	r.floor.Store(r.queue.Watermark())
	r.status.running(r.partition)
	if r.boot.Needed() {
		if err := r.fill(); err != nil {
			return err
		}
	}
	if err := r.mendHole(); err != nil {
		return err
	}
	r.applier.Begin(r.replayUntil, r.queue.Watermark())
	r.wholeFrom = max(r.replayUntil, r.truncates.Emptied()) + 1
	if r.progress.Mend(r.wholeFrom) {
		r.rows.Mend(r.wholeFrom)
	}
	if err := r.cutter.Begin(r.store, r.wholeFrom); err != nil {
		return err
	}
	feeding := r.newFeeding()
	r.goBackground(func() { r.check(r.feeder.Feed(r.workCtx, feeding)) })
	r.goBackground(func() { r.emitter.Run(r.workCtx, r.store) })
	r.goBackground(func() { r.tickLoop(r.workCtx) })
	r.goBackground(func() { r.answerer.Run(r.workCtx) })
	r.goBackground(func() { r.sweepLoop(r.workCtx) })
	return nil
}

// newFeeding is what the run has its feeder do.
func (r *run) newFeeding() feed.Run {
	return feed.Run{
		Messages: r.messages, Gate: r.gate, Repairs: r.recoverer.Repairs(), Loaded: r.rereads.loaded,
		Before: r.beforeNext, Look: r.lookAround,
	}
}

// beforeNext does what comes before the next record, in its order. It reports whether the
// run goes on. The feeder calls it.
func (r *run) beforeNext(ctx context.Context) (bool, error) {
	if !r.tellWhole(ctx) {
		return false, nil
	}
	if r.answerer.Awaits() {
		if next := r.feeder.Next(); r.answerer.Due(next) && !r.feeder.SendEvent(ctx, bus.Event{Kind: bus.Reached, Offset: next}) {
			return false, nil
		}
	}
	return r.endReplay(ctx)
}

// lookAround does what needs no record, now and then. It reports whether the run goes on.
// The feeder calls it.
func (r *run) lookAround(ctx context.Context) (bool, error) {
	if err := r.filling.LookForEnd(ctx); err != nil {
		return false, err
	}
	return r.tellOutruns(ctx), nil
}

// untilOver is for what only other partitions can bring about: done is called with an
// error when the run is over first, or goka would wait for it for ever.
func (r *run) untilOver(done func(error)) func(error) {
	var once sync.Once
	forget := context.AfterFunc(r.ctx, func() { once.Do(func() { done(errRunOver) }) })
	return func(err error) {
		forget()
		once.Do(func() { done(err) })
	}
}

// commit is goka's word that a message is done.
func (r *run) commit(topic string, next int64) {
	if topic == r.sourceTopic {
		r.queue.Finish(next - 1)
		r.gate.Release(next - 1)
	}
}

const (
	tickEvery   = 20 * time.Millisecond
	touchEvery  = time.Minute
	forgetEvery = 5 * time.Second
)

// tickLoop does what is due by time: marks and progress, soon after something was
// done and now and then as a sign of life, and keeping the state tidy.
func (r *run) tickLoop(ctx context.Context) {
	soon := time.NewTimer(0)
	defer soon.Stop()
	life := time.NewTicker(progress.LifeSign)
	defer life.Stop()
	forget := time.NewTicker(forgetEvery)
	defer forget.Stop()
	touch := time.NewTicker(touchEvery)
	defer touch.Stop()
	moved := r.queue.Moved()
	for {
		select {
		case <-ctx.Done():
			return
		case <-moved:
			moved = nil // until it has been told
			soon.Reset(tickEvery)
			continue
		case <-soon.C:
			moved = r.queue.Moved()
		case <-life.C:
		case <-forget.C:
			// What was done one period ago has been committed by now.
			r.check(r.store.Deletions.Forget(r.floor.Load()))
			r.floor.Store(r.queue.Watermark())
		case <-touch.C:
			r.check(r.store.Touch())
		}
		r.progress.Commit()
		r.progress.Report(r.rows)
		r.check(r.filling.Tell())
		r.check(r.answerDoubt())
		r.noteRefill()
	}
}

// check ends the run on an error of the background.
func (r *run) check(err error) {
	if err != nil {
		r.stop(err)
	}
}
