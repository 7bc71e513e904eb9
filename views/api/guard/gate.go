package guard

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/views/api/problem"
)

// Gate lets so many heavy reads work at once: scans, sorts, groups and streams of all rows.
// Others wait in a queue, and beyond it are turned away at once, so that what is cheap, such
// as a row by its key, always finds a core. Who has been let in gives up the place while a
// client takes what it was sent, and comes back before those who wait for the first time.
type Gate struct {
	patience time.Duration // how long one waits
	queue    int           // how many wait

	mu      sync.Mutex
	free    int
	back    []chan struct{} // those who come back; closed when they have the place
	waiting []chan struct{}

	turnedAway atomic.Int64
}

// NewGate returns a gate of so many places and turns, for which one waits so long.
func NewGate(places, queue int, patience time.Duration) *Gate {
	return &Gate{free: places, queue: queue, patience: patience}
}

// enter waits for a place.
func (g *Gate) enter(ctx context.Context, again bool) error {
	turn, err := g.line(again)
	if turn == nil || err != nil {
		return err
	}
	if !again {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, g.patience, g.busy("for "+g.patience.String()))
		defer cancel()
	}
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	if g.withdraw(turn) {
		return context.Cause(ctx)
	}
	return nil // the place came at the same moment
}

// line takes a place, or a turn in the queue where none is free.
func (g *Gate) line(again bool) (turn chan struct{}, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.free > 0:
		g.free--
		return nil, nil
	case again:
		turn = make(chan struct{})
		g.back = append(g.back, turn)
	case len(g.waiting) >= g.queue:
		g.turnedAway.Add(1)
		return nil, g.busy("and the queue is full")
	default:
		turn = make(chan struct{})
		g.waiting = append(g.waiting, turn)
	}
	return turn, nil
}

// leave gives the place to the next one.
func (g *Gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, line := range []*[]chan struct{}{&g.back, &g.waiting} {
		if len(*line) > 0 {
			close((*line)[0])
			*line = (*line)[1:]
			return
		}
	}
	g.free++
}

// withdraw takes a turn back. It reports false when the place was given already.
func (g *Gate) withdraw(turn chan struct{}) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, line := range []*[]chan struct{}{&g.back, &g.waiting} {
		for i, t := range *line {
			if t == turn {
				*line = append((*line)[:i:i], (*line)[i+1:]...)
				return true
			}
		}
	}
	return false
}

// Load returns how many wait for a place.
func (g *Gate) Load() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.back) + len(g.waiting)
}

// TurnedAway returns how many were turned away because the queue was full.
func (g *Gate) TurnedAway() int64 { return g.turnedAway.Load() }

// busyAgain is when one that was turned away may come again, in seconds.
const busyAgain = 1

func (g *Gate) busy(why string) *problem.Details {
	return &problem.Details{
		Kind: problem.Busy, Title: "There are too many heavy reads", Status: http.StatusServiceUnavailable,
		Detail: "as many reads of many rows as may work at once are at work, " + why, RetryAfter: busyAgain,
		Hint: "come again later, or ask for fewer rows: by key, by the first columns of the sort key, or from a rollup",
	}
}
