package group

import (
	"context"
	"time"
)

// look is something that is looked up for all partitions of a table at once: they are assigned together, so they
// share a look.
type look[V any] struct {
	busy   chan struct{} // held by the goroutine that looks
	looked time.Time     // when the last look began
	found  V
}

func newLook[V any]() *look[V] { return &look[V]{busy: make(chan struct{}, 1)} }

// now returns what is as of now, or later. What others have asked for meanwhile serves, too.
func (l *look[V]) now(ctx context.Context, find func(context.Context) (V, error)) (found V, err error) {
	asked := time.Now()
	select {
	case l.busy <- struct{}{}:
		defer func() { <-l.busy }()
	case <-ctx.Done():
		return found, ctx.Err()
	}
	if !l.looked.After(asked) {
		began := time.Now()
		found, err = find(ctx)
		if err != nil {
			return found, err
		}
		l.looked, l.found = began, found
	}
	return l.found, nil
}
