package guard

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidemark/tidemark/views/api/problem"
)

func TestBeyondTheQueueHeavyReadsAreRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(2, 3, time.Minute)
		for range 2 {
			if err := g.enter(t.Context(), false); err != nil {
				t.Fatal(err)
			}
		}
		var order []int
		var mu sync.Mutex
		for i := range 3 {
			go func() {
				if err := g.enter(t.Context(), false); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
			}()
			synctest.Wait()
		}
		var p *problem.Details
		if err := g.enter(t.Context(), false); !errors.As(err, &p) || p.Status != 503 || p.Kind != "busy" || p.RetryAfter == 0 {
			t.Errorf("beyond the queue: %v", err)
		}
		if g.Load() != 3 || g.TurnedAway() != 1 {
			t.Errorf("%d wait, %d were refused", g.Load(), g.TurnedAway())
		}
		back := make(chan error, 1)
		go func() { back <- g.enter(t.Context(), true) }() // one that gave up its place: the queue's bound is not for it
		synctest.Wait()
		g.leave()
		if err := <-back; err != nil {
			t.Error(err)
		}
		for range 3 {
			g.leave()
			synctest.Wait()
		}
		if len(order) != 3 || order[0] != 0 || order[1] != 1 || order[2] != 2 {
			t.Errorf("the places were given in the order %v", order)
		}
	})
}

func TestHeavyReadsWaitNoLongerThanTheirPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1, 3, time.Minute)
		if err := g.enter(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var p *problem.Details
		if err := g.enter(t.Context(), false); !errors.As(err, &p) || p.Kind != "busy" || time.Since(began) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		if err := g.enter(ctx, false); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a client that goes away: %v", err)
		}
		if g.Load() != 0 {
			t.Errorf("%d wait though nobody does", g.Load())
		}
		g.leave()
		if err := g.enter(t.Context(), false); err != nil {
			t.Errorf("the place was lost: %v", err)
		}
	})
}
