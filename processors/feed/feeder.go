package feed

import (
	"context"
	"errors"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/pending"
)

// Feeder reads the source and the control topic of a partition, and sends goka what they
// have, in one order. It outlives runs. Its goroutine alone uses it, and between two runs the one that begins and
// ends them. What it shares with others is the queues, which lock, and the gate.
type Feeder struct {
	opts     Options
	source   sarama.PartitionConsumer // the source partition, read by one run after the other
	control  controlReader
	missed   bool  // records that the source no longer has were to be read
	firstEnd int64 // of the source when it was first looked at, 0 until then

	run      Run              // of now
	holdOver *time.Timer      // ends the wait of a record for an image
	backlog  []*pending.Entry // of an earlier run, to be fed again
	waiting  waiting          // the record that the feed waits at
}

// Run is what a run has the feeder do.
type Run struct {
	Messages chan<- *sarama.ConsumerMessage
	Gate     *Gate
	Repairs  map[string]struct{} // keys whose newest changelog record is an old one
	Loaded   <-chan func()       // takes a record that was read once more

	// Before does what comes before the next record, and Look what needs none, now and then.
	// Both report whether the run goes on.
	Before, Look func(context.Context) (bool, error)
}

// New makes one that reads nothing yet.
func New(o Options) *Feeder {
	f := &Feeder{opts: o, missed: o.Committed}
	f.control.opts = &f.opts
	return f
}

// Controls is the queue of the control topic's records. It is there once the topic is open.
func (f *Feeder) Controls() *pending.Queue { return f.control.queue }

// OpenControl begins to read the control topic: the state says that what is before done needs no repetition.
func (f *Feeder) OpenControl(done int64) error { return f.control.open(done) }

// Close gives both topics back.
func (f *Feeder) Close() {
	f.closeSource()
	f.control.close()
}

// Feed sends goka what is pending, and then what it reads, in one order: repairs
// first, then what an earlier run has left, then new records and control records.
// It is the only reader of the source while the run lasts.
func (f *Feeder) Feed(ctx context.Context, of Run) error {
	f.run, f.backlog, f.waiting = of, nil, waiting{}
	f.holdOver = time.NewTimer(f.opts.ImageWait) // says nothing until a record waits
	defer f.holdOver.Stop()
	for key := range f.run.Repairs {
		if !f.SendEvent(ctx, bus.Event{Kind: bus.Repair, Key: key}) {
			return nil
		}
	}
	f.backlog = f.opts.Queue.Rewind()
	if !f.feedBacklog(ctx) {
		return nil
	}
	for _, e := range f.control.queue.Rewind() {
		if !f.sendControl(ctx, e) {
			return nil
		}
	}
	return f.feedNew(ctx)
}

// feedBacklog feeds what an earlier run has left, up to a record that waits for other
// partitions.
func (f *Feeder) feedBacklog(ctx context.Context) bool {
	for len(f.backlog) > 0 && f.run.Gate.Open() {
		e := f.backlog[0]
		f.backlog = f.backlog[1:]
		if !f.sendEntry(ctx, e) {
			return false
		}
	}
	return true
}

// errSourceEnded ends a run; the next one opens the source again.
var errSourceEnded = errors.New("the source's consumer has ended")

// Next is the next source offset to be fed.
func (f *Feeder) Next() int64 {
	if len(f.backlog) > 0 {
		return f.backlog[0].Offset
	}
	return f.opts.Queue.ReadNext()
}

// lookEvery is the interval of the checks for what no record reports.
const lookEvery = 500 * time.Millisecond

// feedNew feeds what the topics have from now on.
func (f *Feeder) feedNew(ctx context.Context) error {
	defer f.leaveUnread()
	defer f.control.leaveUnread()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		if !f.feedBacklog(ctx) {
			return nil
		}
		if ok, err := f.run.Before(ctx); !ok || err != nil {
			return err
		}
		if ok, err := f.feedNext(ctx, look.C); !ok || err != nil {
			return err
		}
	}
}

// feedNext feeds one thing, whichever comes first. It reports whether the run goes on.
func (f *Feeder) feedNext(ctx context.Context, look <-chan time.Time) (bool, error) {
	control, room := f.control.messages()
	source, again := f.sourceMessages()
	select {
	case <-ctx.Done():
		return false, nil
	case <-f.run.Gate.changed:
	case <-f.holdOver.C:
		return f.SendEvent(ctx, bus.Event{Kind: bus.WaitOver, Offset: f.run.Gate.held()}), nil
	case decode := <-f.run.Loaded:
		decode()
		return f.SendEvent(ctx, bus.Event{Kind: bus.Reread}), nil
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
func (f *Feeder) sourceMessages() (source <-chan *sarama.ConsumerMessage, again <-chan time.Time) {
	if !f.run.Gate.Open() || f.control.behind() {
		return nil, nil // something first that concerns other partitions, too
	}
	if f.waiting.message != nil {
		return nil, f.waiting.retry // what is behind it comes after it
	}
	return f.source.Messages(), f.waiting.retry
}

// lookAround does what needs no record, now and then. It reports whether the run goes on.
func (f *Feeder) lookAround(ctx context.Context) (bool, error) {
	f.opts.Drift.Look()
	f.lookForFirstEnd(ctx)
	return f.run.Look(ctx)
}

func (f *Feeder) warn(what string, err *sarama.ConsumerError) {
	if err != nil {
		f.opts.Events.SourceError(events.SourceError{What: what, Err: err.Err})
	}
}

// read decodes a source record, queues it, and hands it to goka. When it cannot be
// decoded now, the feed waits at it.
func (f *Feeder) read(ctx context.Context, m *sarama.ConsumerMessage) error {
	if err := f.opts.Intake.Check(m); err != nil {
		// The record stays unread: the next run meets it again.
		f.closeSource()
		return err
	}
	queue := f.opts.Queue
	e := queue.Get()
	if err := f.opts.Intake.Decode(e, m); err != nil {
		queue.GiveBack(e)
		f.wait(m, err)
		return nil
	}
	f.goOn()
	f.meetFirstEnd(e)
	e.Note(f.opts.Health)
	f.opts.Drift.Keep(m)
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
func (f *Feeder) readControl(ctx context.Context, m *sarama.ConsumerMessage) {
	if e := f.control.read(m); e != nil {
		f.sendControl(ctx, e)
	}
}
