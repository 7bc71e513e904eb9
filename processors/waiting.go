package processors

import (
	"context"
	"time"

	"github.com/IBM/sarama"
)

// How long the feed lets a record rest that could not be decoded, before it tries
// again: twice as long each time.
const (
	waitMin = 100 * time.Millisecond
	waitMax = 2 * time.Second
)

// waiting is the source record at which the feed stands, because what its decoder
// needs is away. Nothing behind it is read before it: the order stays.
type waiting struct {
	message *sarama.ConsumerMessage // nil when the feed does not stand
	retry   <-chan time.Time
	pause   time.Duration
	since   time.Time
}

// wait stops the source at the record.
func (r *run) wait(m *sarama.ConsumerMessage, why error) {
	w := &r.waiting
	if w.message == nil {
		*w = waiting{message: m, pause: waitMin, since: r.opts.Clock()}
		r.metrics.waiting.Inc()
		r.logger.Warn("partition waits", "offset", m.Offset, "error", why)
	}
	w.retry = time.After(w.pause)
	w.pause = min(2*w.pause, waitMax)
	r.status.waiting(r.partition, why)
}

// goOn ends the wait, if there is one.
func (r *run) goOn() {
	if r.waiting.message == nil {
		return
	}
	r.logger.Info("partition goes on", "offset", r.waiting.message.Offset, "waited", r.opts.Clock().Sub(r.waiting.since))
	r.endWait()
}

func (r *run) endWait() {
	r.waiting = waiting{}
	r.metrics.waiting.Dec()
	r.status.waiting(r.partition, nil)
}

// leaveUnread gives up a wait at the end of a run: the record is read again by the next.
func (r *run) leaveUnread() {
	if r.waiting.message != nil {
		r.endWait()
		r.closeSource()
	}
}

// readWaiting reads the record again at which the feed stands.
func (r *run) readWaiting(ctx context.Context) error { return r.read(ctx, r.waiting.message) }
