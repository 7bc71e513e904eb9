// Package retry has the pauses between attempts at work that needs brokers.
package retry

import (
	"context"
	"time"
)

// Backoff is the pause before the next attempt: Least after the first that failed, twice as
// long after each further one, Most at the longest. An attempt that lasted longer than
// Steady counts as the first. It is not safe for concurrent use.
type Backoff struct {
	Least, Most, Steady time.Duration

	next time.Duration
}

// Supervised is the pace of who runs something for ever: a first failure costs next to
// nothing, a lasting one little.
func Supervised() Backoff {
	return Backoff{Least: 20 * time.Millisecond, Most: time.Second, Steady: 10 * time.Second}
}

// Failed returns the pause after an attempt that lasted so long.
func (b *Backoff) Failed(lasted time.Duration) time.Duration {
	if b.next == 0 || lasted > b.Steady {
		b.next = b.Least
	}
	pause := b.next
	b.next = min(2*b.next, b.Most)
	return pause
}

// Pause waits, or returns the cause of the context's end.
func Pause(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
