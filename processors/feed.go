package processors

import (
	"context"
	"errors"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/driftwatch"
	"github.com/tidemark/tidemark/processors/intake"
	"github.com/tidemark/tidemark/processors/pending"
)

// feeder reads the source and the control topic of a partition, and sends goka what they
// have, in one order. Its goroutine alone uses it, and between two runs whoever begins and
// ends them. What it shares with others is the queues, which lock, and the gate.
type feeder struct {
	c        *claim
	intake   *intake.Intake
	source   sarama.PartitionConsumer // the source partition, read by one run after the other
	control  controlReader
	firstEnd int64 // of the source when it was first looked at, 0 until then
	drift    *driftwatch.Watch

	feeding
}

// feeding is what a run has the feeder do, and where it stands with it.
type feeding struct {
	messages chan<- *sarama.ConsumerMessage
	gate     *gate
	repairs  map[string]struct{} // keys whose newest changelog record is an old one
	loaded   <-chan *again       // records that were read once more
	decoded  func(*again)        // takes them
	holdOver *time.Timer         // ends the wait of a record for an image

	// before does what comes before the next record, and look what needs none, now and then.
	// Both report whether the run goes on.
	before, look func(context.Context) (bool, error)

	backlog []*pending.Entry // of an earlier run, to be fed again
	waiting waiting          // what the feed stands at
}

func newFeeder(c *claim, n *intake.Intake, d *driftwatch.Watch) *feeder {
	f := &feeder{c: c, intake: n, drift: d}
	f.control.c = c
	return f
}

// feed sends goka what is pending, and then what it reads, in one order: repairs
// first, then what an earlier run has left, then new records and control records.
// It is the only reader of the source while the run lasts.
func (f *feeder) feed(ctx context.Context, of feeding) error {
	f.feeding = of
	defer f.holdOver.Stop()
	for key := range f.repairs {
		if !f.sendEvent(ctx, bus.Event{Kind: bus.Repair, Key: key}) {
			return nil
		}
	}
	f.backlog = f.c.queue.Rewind()
	if !f.feedBacklog(ctx) {
		return nil
	}
	for _, e := range f.c.controls.Rewind() {
		if !f.sendControl(ctx, e) {
			return nil
		}
	}
	return f.feedNew(ctx)
}

// feedBacklog feeds what an earlier run has left, up to a record that waits for other
// partitions.
func (f *feeder) feedBacklog(ctx context.Context) bool {
	for len(f.backlog) > 0 && f.gate.open() {
		e := f.backlog[0]
		f.backlog = f.backlog[1:]
		if !f.sendEntry(ctx, e) {
			return false
		}
	}
	return true
}

// fedNext is the next source offset to be fed.
func (f *feeder) fedNext() int64 {
	if len(f.backlog) > 0 {
		return f.backlog[0].Offset
	}
	return f.c.queue.ReadNext()
}

// lookEvery is how often it is looked at what no record tells.
const lookEvery = 500 * time.Millisecond

// feedNew feeds what the topics have from now on.
func (f *feeder) feedNew(ctx context.Context) error {
	defer f.leaveUnread()
	defer f.control.leaveUnread()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		if !f.feedBacklog(ctx) {
			return nil
		}
		if ok, err := f.before(ctx); !ok || err != nil {
			return err
		}
		if ok, err := f.feedNext(ctx, look.C); !ok || err != nil {
			return err
		}
	}
}

// feedNext feeds one thing, whichever comes first. It reports whether the run goes on.
func (f *feeder) feedNext(ctx context.Context, look <-chan time.Time) (bool, error) {
	control, room := f.control.messages()
	source, again := f.sourceMessages()
	select {
	case <-ctx.Done():
		return false, nil
	case <-f.gate.changed:
	case <-f.holdOver.C:
		return f.sendEvent(ctx, bus.Event{Kind: bus.WaitOver, Offset: f.gate.held()}), nil
	case a := <-f.loaded:
		f.decoded(a)
		return f.sendEvent(ctx, bus.Event{Kind: bus.Reread}), nil
	case <-look:
		return f.lookAround(ctx)
	case m, ok := <-source:
		if !ok {
			f.closeSource()
			return false, errSourceEnded
		}
		return true, f.read(ctx, m)
	case <-again:
		return true, f.readWaiting(ctx)
	case <-room:
		f.readControl(ctx, f.control.crowded)
	case m, ok := <-control:
		if !ok {
			f.control.close()
			return false, errors.New("the control topic's consumer has ended")
		}
		f.readControl(ctx, m)
	case err := <-f.source.Errors():
		f.warn("reading the source topic", err)
	case err := <-f.control.consumer.Errors():
		f.warn("reading the control topic", err)
	}
	return true, nil
}

// sourceMessages is where the next source record comes from, or the retry of the one that
// waits. Both are nil while something else comes first.
func (f *feeder) sourceMessages() (source <-chan *sarama.ConsumerMessage, again <-chan time.Time) {
	if !f.gate.open() || f.control.behind() {
		return nil, nil // something first that concerns other partitions, too
	}
	if f.waiting.message != nil {
		return nil, f.waiting.retry // what stands behind it comes after it
	}
	return f.source.Messages(), f.waiting.retry
}

// lookAround does what needs no record, now and then. It reports whether the run goes on.
func (f *feeder) lookAround(ctx context.Context) (bool, error) {
	f.drift.Look()
	f.lookForFirstEnd(ctx)
	return f.look(ctx)
}

func (f *feeder) warn(what string, err *sarama.ConsumerError) {
	if err != nil {
		f.c.logger.Warn(what, "error", err.Err)
	}
}

// read decodes a source record, queues it, and hands it to goka. When it cannot be
// decoded now, the feed stands at it.
func (f *feeder) read(ctx context.Context, m *sarama.ConsumerMessage) error {
	if err := f.intake.Check(m); err != nil {
		// The record stays unread: the next run meets it again.
		f.closeSource()
		return err
	}
	queue := f.c.queue
	e := queue.Get()
	if err := f.intake.Decode(e, m); err != nil {
		queue.GiveBack(e)
		f.wait(m, err)
		return nil
	}
	f.goOn()
	f.meetFirstEnd(e)
	e.Note(f.c.health)
	f.drift.Keep(m)
	skipped := e.Action == pending.Skip // once queued, such an entry may serve another record
	for !queue.Push(e) {
		select {
		case <-ctx.Done():
			// Not queued, so it must be read again.
			f.closeSource()
			return nil
		case <-queue.Room():
		}
	}
	if !skipped {
		f.sendEntry(ctx, e)
	}
	return nil
}

// readControl hands a control record to goka, behind every source record that was fed
// before it: that is the cut of a barrier.
func (f *feeder) readControl(ctx context.Context, m *sarama.ConsumerMessage) {
	if e := f.control.read(m); e != nil {
		f.sendControl(ctx, e)
	}
}
