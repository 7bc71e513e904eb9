package processors

import (
	"context"
	"errors"
	"sync"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/apply"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/processors/bootstrap"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/feed"
	"github.com/tidemark/tidemark/processors/keychange"
	"github.com/tidemark/tidemark/processors/outrun"
	"github.com/tidemark/tidemark/processors/recovery"
	"github.com/tidemark/tidemark/processors/redelivery"
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

	previous wire.Manifest // the partition's newest manifest when the run began
	hasBatch bool

	// Goka's goroutine only, or recovery's before it.
	store        *state.Store // nil until it is open
	rows         *rowwriter.Writer
	applier      *apply.Applier
	truncates    *truncate.Truncates
	beforeImages *keychange.BeforeImages
	asker        *keychange.Asker
	answerer     *keychange.Answerer
	recoverer    *recovery.Recovery
	giving       *outrun.Outruns
	// replayUntil is the source offset up to which changes may have been applied before.
	replayUntil int64
	wholeFrom   int64 // the next source offset from which on the state is that of the source before it

	filling *bootstrap.Filling // the run's part in filling the partition

	gate       *feed.Gate
	redelivery *redelivery.Redelivery // of records that are read once more

	bus     *bus.Bus       // who deals with control records and events
	cutter  *batch.Cutter  // takes the cuts of batches
	emitter *batch.Emitter // makes batches of them

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
	r := c.newRun(ctx, previous, hasBatch)
	defer r.stop(nil)
	defer r.stopWork()
	err = r.process(r.ctx)
	r.stopBackground()
	c.progress.Commit()
	return r.outcome(err)
}

// newRun makes a run, which has no state yet.
func (c *claim) newRun(ctx context.Context, previous wire.Manifest, hasBatch bool) *run {
	r := &run{
		claim: c, messages: make(chan *sarama.ConsumerMessage, messageRoom),
		previous: previous, hasBatch: hasBatch, gate: feed.NewGate(),
	}
	r.ctx, r.stop = context.WithCancelCause(ctx)
	r.workCtx, r.stopWork = context.WithCancel(r.ctx)
	r.redelivery = redelivery.New(r.workCtx, r.goBackground, c.intake)
	r.rows = rowwriter.New(rowwriter.Options{
		Producer: c.writer, Topic: c.names.Table, Partition: c.partition,
		Stamp: wire.Stamp{Generation: c.assignment.Generation(), Instance: c.assignment.Instance()}, Marks: hasBatch, KeptFrom: r.keptFrom,
		// goka waits for a minute for messages that wait for other partitions; untilOver ends them.
		Broken: r.stop,
	})
	r.recoverer = r.newRecovery()
	r.filling = r.newFilling()
	r.cutter, r.emitter = r.newBatches()
	r.truncates = r.newTruncates()
	r.beforeImages, r.asker, r.answerer = r.newKeyChanges()
	r.applier = r.newApplier()
	r.giving = r.newOutruns()
	r.bus = r.newBus()
	return r
}

// outcome is why a run has ended, with what its processor says of that. A state that was found
// to be damaged is set aside.
func (r *run) outcome(err error) error {
	if r.store != nil {
		if damage := r.store.Damage(); damage != nil {
			err = errors.Join(err, state.Quarantine(r.stateOptions(), damage))
		}
	}
	if cause := context.Cause(r.ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	if err == nil && r.ctx.Err() == nil {
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
	if err := r.mistrust.opened(st); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	r.store = st
	r.rows.Open(st)
	r.beforeImages.Open(st)
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
	keeping := r.newUpkeep()
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
	r.goBackground(r.feed)
	r.goBackground(func() { r.emitter.Run(r.workCtx, r.store) })
	r.goBackground(func() { keeping.tick(r.workCtx) })
	r.goBackground(func() { r.answerer.Run(r.workCtx) })
	r.goBackground(func() { keeping.sweep(r.workCtx) })
	return nil
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

// check ends the run on an error of the background.
func (r *run) check(err error) {
	if err != nil {
		r.stop(err)
	}
}
