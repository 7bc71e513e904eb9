package feed

import (
	"context"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/events"
)

// How long the feed lets a record rest that could not be decoded, before it tries
// again: twice as long each time.
const (
	waitMin = 100 * time.Millisecond
	waitMax = 2 * time.Second
)

// waiting is the source record that the feed waits at, because what its decoder
// needs is away. Nothing behind it is read before it: the order stays.
type waiting struct {
	message *sarama.ConsumerMessage // nil when the feed does not wait
	retry   <-chan time.Time
	pause   time.Duration
	since   time.Time
}

// wait stops the source at the record.
func (f *Feeder) wait(m *sarama.ConsumerMessage, why error) {
	w := &f.waiting
	if w.message == nil {
		*w = waiting{message: m, pause: waitMin, since: f.opts.Clock()}
		f.opts.Metrics.waiting.Inc()
		f.opts.Events.PartitionWaits(events.PartitionWaits{Offset: m.Offset, Err: why})
	}
	w.retry = time.After(w.pause)
	w.pause = min(2*w.pause, waitMax)
	f.opts.Waits(why)
}

// goOn ends the wait, if there is one.
func (f *Feeder) goOn() {
	if f.waiting.message == nil {
		return
	}
	f.opts.Events.PartitionGoesOn(events.PartitionGoesOn{Offset: f.waiting.message.Offset, Waited: f.opts.Clock().Sub(f.waiting.since)})
	f.endWait()
}

func (f *Feeder) endWait() {
	f.waiting = waiting{}
	f.opts.Metrics.waiting.Dec()
	f.opts.Waits(nil)
}

// leaveUnread gives up a wait at the end of a run: the record is read again by the next.
func (f *Feeder) leaveUnread() {
	if f.waiting.message != nil {
		f.endWait()
		f.closeSource()
	}
}

// readWaiting reads the record again that the feed waits at.
func (f *Feeder) readWaiting(ctx context.Context) error { return f.read(ctx, f.waiting.message) }
