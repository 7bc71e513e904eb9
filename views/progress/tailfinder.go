package progress

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// TailFinder finds the stretches at the end of the source topic in which nothing is deliverable.
type TailFinder struct {
	Ends *Ends // is notified of them
	// Deliverable reports whether a partition has something left to deliver between two offsets.
	Deliverable func(ctx context.Context, partition int32, from, end int64) (bool, error)

	looked []lookedAt
}

type lookedAt struct {
	position, end int64
	next          time.Time
	pause         time.Duration
}

const (
	// tailAfter is how long a partition must not have moved to be looked at, unless
	// somebody waits.
	tailAfter = 400 * time.Millisecond
	tailLong  = 30 * time.Second
	// tailsAtOnce bounds what one poll spends on it; the next continues.
	tailsAtOnce = 4
)

// Look asks the brokers about partitions whose position has not moved for a while, or that
// somebody waits for. What can be delivered is the processors' to bring, and is asked about
// less and less. The ends are those of committed records.
func (t *TailFinder) Look(ctx context.Context, now time.Time, pos, ends tables.Position, awaited bool) {
	asked := 0
	t.looked = append(t.looked, make([]lookedAt, max(0, len(ends)-len(t.looked)))...)
	for i := range t.looked {
		p, l := int32(i), &t.looked[i]
		if pos.At(p) >= ends.At(p) {
			continue
		}
		if l.position != pos.At(p) || l.end != ends.At(p) || l.pause == 0 {
			*l = lookedAt{position: pos.At(p), end: ends.At(p), next: now.Add(tailAfter), pause: tailAfter}
			if !awaited {
				continue
			}
			l.next = now
		}
		if now.Before(l.next) || asked == tailsAtOnce {
			continue
		}
		asked++
		left, err := t.Deliverable(ctx, p, l.position, l.end)
		if err == nil && !left {
			t.Ends.SetUndeliverable(p, l.position, l.end)
		}
		l.pause = min(2*l.pause, tailLong)
		l.next = now.Add(l.pause)
	}
}
