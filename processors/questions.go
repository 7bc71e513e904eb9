package processors

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/state"
)

// What became of other partitions' questions for the image of a row.
const (
	wishGranted  = "granted"        // the image was sent
	wishNoRow    = "no_row"         // the deletion found no row
	wishDeclined = "declined"       // there is no deletion, for all that was read
	wishCrowded  = "declined_early" // too many were open to wait for the deletion
)

// grace is how long after the question a deletion may become visible that was written
// before the insert: a producer writes to partitions side by side.
const grace = time.Second

// askEvery bounds how often the end of the source is asked for on behalf of wishes.
const askEvery = 250 * time.Millisecond

// questions are the open wishes that are younger than the grace, and the answers that the
// state does not know of yet. One goroutine works for all of them.
type questions struct {
	told chan struct{}

	mu      sync.Mutex
	young   []*wish // in the order in which they came
	answers []answered
}

// answered is a wish whose answer was acknowledged.
type answered struct {
	wish    *state.Wish
	granted bool
}

func newQuestions() questions { return questions{told: make(chan struct{}, 1)} }

func (q *questions) add(w *wish) {
	q.mu.Lock()
	q.young = append(q.young, w)
	q.mu.Unlock()
	tell(q.told)
}

func (q *questions) answer(a answered) {
	q.mu.Lock()
	q.answers = append(q.answers, a)
	q.mu.Unlock()
	tell(q.told)
}

// ripe takes the wishes that are as old as the grace, and all answers.
func (q *questions) ripe(now time.Time) (ws []*wish, answers []answered) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < len(q.young) && now.Sub(q.young[n].asked) >= grace {
		n++
	}
	ws = append(ws, q.young[:n]...)
	q.young = append(q.young[:0:0], q.young[n:]...)
	answers, q.answers = q.answers, nil
	return ws, answers
}

// again puts back what could not be dealt with.
func (q *questions) again(ws []*wish) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.young = append(ws, q.young...)
}

func (q *questions) none() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.young) == 0 && len(q.answers) == 0
}

// questionLoop attends to wishes while there are any.
func (r *run) questionLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.questions.told:
		}
		for !r.questions.none() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(askEvery):
			}
			r.check(r.attendWishes())
		}
	}
}

// attendWishes lets the wishes that are old enough be declined when everything is read that
// the source holds by now, and notes in the state what was answered. An end that is not
// told is asked for again: whoever wishes waits for as long as it likes.
func (r *run) attendWishes() error {
	ripe, answers := r.questions.ripe(time.Now())
	if len(ripe) > 0 {
		end, err := r.offsets.GetOffset(r.sourceTopic, r.partition, sarama.OffsetNewest)
		if err != nil {
			r.logger.Warn("end of the source not known, it is asked again", "error", err)
			r.questions.again(ripe)
		} else {
			r.reach.add(end, ripe...)
			r.gate.look()
		}
	}
	for _, a := range answers {
		note := r.store.Wishes.Put
		if a.granted {
			note = r.store.Wishes.Drop
		}
		if err := note(a.wish); err != nil {
			return err
		}
	}
	return nil
}

// reach tells the feeder which ends of the source somebody waits for.
type reach struct {
	next atomic.Int64 // the lowest of them, or the largest number

	mu    sync.Mutex
	marks []reachMark
}

type reachMark struct {
	end int64
	w   *wish
}

func (r *reach) add(end int64, ws ...*wish) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range ws {
		r.marks = append(r.marks, reachMark{end, w})
	}
	r.next.Store(min(r.next.Load(), end))
}

// due reports whether somebody waits for the offset or one before, once.
func (r *reach) due(next int64) bool {
	if r.next.Load() > next {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	lowest := int64(math.MaxInt64)
	for _, m := range r.marks {
		if m.end > next {
			lowest = min(lowest, m.end)
		}
	}
	r.next.Store(lowest)
	return true
}

// take returns the wishes that waited for the offset or one before.
func (r *reach) take(next int64) (out []*wish) {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := r.marks[:0]
	for _, m := range r.marks {
		if m.end <= next {
			out = append(out, m.w)
		} else {
			left = append(left, m)
		}
	}
	clear(r.marks[len(left):])
	r.marks = left
	return out
}

// wishAges counts the wishes that the state keeps by the minute in which they were asked,
// so that a deletion looks for them only while there are any.
type wishAges map[int64]int

func minuteOf(micros int64) int64 { return micros / time.Minute.Microseconds() }

func (a wishAges) add(asked int64) { a[minuteOf(asked)]++ }

func (a wishAges) remove(asked int64) {
	if m := minuteOf(asked); a[m] > 1 {
		a[m]--
	} else {
		delete(a, m)
	}
}

// any forgets what has expired, and reports whether there is more.
func (a wishAges) any(now time.Time) bool {
	first := minuteOf(now.Add(-state.WishKept).UnixMicro())
	for m := range a {
		if m < first {
			delete(a, m)
		}
	}
	return len(a) > 0
}

// tally counts what is told of once a minute.
type tally struct {
	told time.Time
	n    int
}

// minute counts one, and reports whether it is time to tell how many there were.
func (t *tally) minute() (n int, yes bool) {
	t.n++
	if now := time.Now(); now.Sub(t.told) >= time.Minute {
		n, yes = t.n, true
		t.told, t.n = now, 0
	}
	return n, yes
}
