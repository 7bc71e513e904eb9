package keychange

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/state"
)

// grace is how long after the request a deletion may become visible that was written
// before the insert: a producer writes to partitions side by side.
const grace = time.Second

// askEvery bounds how often the end of the source is asked for on behalf of requests.
const askEvery = 250 * time.Millisecond

// ends has the open requests that are younger than the grace, the ends of the source that the others
// wait for, and the answers that the state does not know of yet. One goroutine works for all of them.
type ends struct {
	signal chan struct{}
	next   atomic.Int64 // the lowest end that is waited for, or the largest number

	mu      sync.Mutex
	young   []*request // in the order in which they came
	marks   []mark
	answers []answered
}

// mark is an end of the source that a request waits for.
type mark struct {
	end int64
	q   *request
}

// answered is a request whose answer was acknowledged.
type answered struct {
	request *state.ImageRequest
	granted bool
}

func newEnds() *ends {
	e := &ends{signal: make(chan struct{}, 1)}
	e.next.Store(math.MaxInt64)
	return e
}

func (e *ends) tell() {
	select {
	case e.signal <- struct{}{}:
	default:
	}
}

// wait has a request wait for the grace, and then for the source's end.
func (e *ends) wait(q *request) {
	e.mu.Lock()
	e.young = append(e.young, q)
	e.mu.Unlock()
	e.tell()
}

// note stores an answer in the state.
func (e *ends) note(a answered) {
	e.mu.Lock()
	e.answers = append(e.answers, a)
	e.mu.Unlock()
	e.tell()
}

// ripe takes the requests that are as old as the grace, and all answers.
func (e *ends) ripe(now time.Time) (qs []*request, answers []answered) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for n < len(e.young) && now.Sub(e.young[n].asked) >= grace {
		n++
	}
	qs = append(qs, e.young[:n]...)
	e.young = append(e.young[:0:0], e.young[n:]...)
	answers, e.answers = e.answers, nil
	return qs, answers
}

// again puts back what could not be dealt with.
func (e *ends) again(qs []*request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.young = append(qs, e.young...)
}

func (e *ends) idle() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.young) == 0 && len(e.answers) == 0
}

// await has requests declined once the feeder has come to an end of the source.
func (e *ends) await(end int64, qs []*request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, q := range qs {
		e.marks = append(e.marks, mark{end, q})
	}
	e.next.Store(min(e.next.Load(), end))
}

// due reports whether somebody waits for the offset or one before, once.
func (e *ends) due(next int64) bool {
	if e.next.Load() > next {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	lowest := int64(math.MaxInt64)
	for _, m := range e.marks {
		if m.end > next {
			lowest = min(lowest, m.end)
		}
	}
	e.next.Store(lowest)
	return true
}

// take returns the requests that waited for the offset or one before.
func (e *ends) take(next int64) (out []*request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	left := e.marks[:0]
	for _, m := range e.marks {
		if m.end <= next {
			out = append(out, m.q)
		} else {
			left = append(left, m)
		}
	}
	clear(e.marks[len(left):])
	e.marks = left
	return out
}

// Awaits reports whether requests wait for an end of the source, for the feeder.
func (a *Answerer) Awaits() bool { return a.ends.next.Load() != math.MaxInt64 }

// Due reports, once, whether requests wait for the source to be read up to an offset or less. The feeder asks it, and
// then sends bus.Reached at that offset.
func (a *Answerer) Due(next int64) bool { return a.ends.due(next) }

// reachedEnd declines the requests whose end of the source has been reached.
func (a *Answerer) reachedEnd(e bus.Event) error {
	for _, q := range a.ends.take(e.Offset) {
		a.decline(q)
	}
	return nil
}

// Run attends to requests while there are any, until the context is over.
func (a *Answerer) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.ends.signal:
		}
		for !a.ends.idle() {
			if retry.Pause(ctx, askEvery) != nil {
				return
			}
			if err := a.attend(time.Now()); err != nil {
				a.Fail(err)
			}
		}
	}
}

// attend lets the requests that are old enough be declined when everything is read that
// the source holds by now, and notes in the state what was answered. An end that is not
// answered is asked for again: the partition that asks waits without a limit.
func (a *Answerer) attend(now time.Time) error {
	ripe, answers := a.ends.ripe(now)
	if len(ripe) > 0 {
		end, err := a.End()
		if err != nil {
			a.Events.SourceEndNotKnown(events.SourceEndNotKnown{Err: err})
			a.ends.again(ripe)
		} else {
			a.ends.await(end, ripe)
			a.Look()
		}
	}
	for _, n := range answers {
		note := a.state.ImageRequests.Put
		if n.granted {
			note = a.state.ImageRequests.Drop
		}
		if err := note(n.request); err != nil {
			return err
		}
	}
	return nil
}
