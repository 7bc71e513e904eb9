package views

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// A position of the source is Kafka's: behind the last transaction's marker, where there
// is one. No record stands there, so none brings the rows there. A position that has
// only such offsets before it is told as the one behind them.

// barrens are the stretches of the source in which nothing is deliverable, the last one of
// each partition. One goroutine sets them, any number reads.
type barrens struct {
	known atomic.Pointer[[]stretch]
	last  atomic.Pointer[raised] // what was asked last: most ask for the newest snapshot's
}

// stretch is of one partition: a position at from, or in it, has reached end.
type stretch struct {
	partition int32
	from, end int64
}

type raised struct{ in, out tables.Position }

func (b *barrens) reset() { b.store(nil) }

func (b *barrens) store(all []stretch) {
	b.known.Store(&all)
	b.last.Store(nil)
}

// set takes a stretch. It grows one that it follows.
func (b *barrens) set(partition int32, from, end int64) {
	var all []stretch
	if known := b.known.Load(); known != nil {
		all = slices.Clone(*known)
	}
	for i := range all {
		if s := &all[i]; s.partition == partition {
			if s.from <= from && from <= s.end {
				from, end = s.from, max(s.end, end)
			}
			s.from, s.end = from, end
			b.store(all)
			return
		}
	}
	b.store(append(all, stretch{partition, from, end}))
}

// raise returns the position that a position is as good as. It is the same slice where
// that is itself, or was asked just before.
func (b *barrens) raise(pos tables.Position) tables.Position {
	known := b.known.Load()
	if known == nil || len(*known) == 0 || len(pos) == 0 {
		return pos
	}
	if l := b.last.Load(); l != nil && len(l.in) == len(pos) && &l.in[0] == &pos[0] {
		return l.out
	}
	out := pos
	for _, s := range *known {
		if at := pos.At(s.partition); at >= s.from && at < s.end {
			if &out[0] == &pos[0] {
				out = pos.Clone()
			}
			out = out.Set(s.partition, s.end)
		}
	}
	if b.known.Load() == known {
		b.last.Store(&raised{pos, out})
	}
	return out
}

// lower returns the position before the stretches that a position of rows stands before:
// to have read all before one is to have read all before the other.
func (b *barrens) lower(pos, rows tables.Position) tables.Position {
	known := b.known.Load()
	if known == nil {
		return pos
	}
	out := pos.Clone()
	for _, s := range *known {
		if have := rows.At(s.partition); have >= s.from && have < pos.At(s.partition) && pos.At(s.partition) <= s.end {
			out = out.Set(s.partition, have)
		}
	}
	return out
}

// barren finds the stretches at the end of the source topic.
type barren struct {
	v      *View
	source kafka.Topic
	looked []lookedAt
}

type lookedAt struct {
	position, end int64
	next          time.Time
	pause         time.Duration
}

const (
	// barrenAfter is how long a partition must not have moved to be looked at, unless
	// somebody waits.
	barrenAfter = 400 * time.Millisecond
	barrenLong  = 30 * time.Second
	// barrenAtOnce bounds what one poll spends on it; the next goes on.
	barrenAtOnce = 4
)

func newBarren(v *View, source kafka.Topic) *barren {
	return &barren{v: v, source: source}
}

// look asks the brokers about partitions whose position has not moved for a while.
// What can be delivered is the processors' to bring, and is asked about less and less.
// The ends are those of committed records.
func (b *barren) look(ctx context.Context, ends tables.Position) {
	pos, now, asked := b.v.Position(b.v.Snapshot()), b.v.o.Clock(), 0
	awaited := b.v.awaited.Swap(false)
	b.looked = append(b.looked, make([]lookedAt, max(0, len(ends)-len(b.looked)))...)
	for i := range b.looked {
		p, l := int32(i), &b.looked[i]
		if pos.At(p) >= ends.At(p) {
			continue
		}
		if l.position != pos.At(p) || l.end != ends.At(p) || l.pause == 0 {
			*l = lookedAt{position: pos.At(p), end: ends.At(p), next: now.Add(barrenAfter), pause: barrenAfter}
			if !awaited {
				continue
			}
			l.next = now
		}
		if now.Before(l.next) || asked == barrenAtOnce {
			continue
		}
		asked++
		left, err := b.v.deliverable(ctx, b.source.Name, p, l.position, l.end)
		if err == nil && !left {
			b.v.fresh.setBarren(p, l.position, l.end)
		}
		l.pause = min(2*l.pause, barrenLong)
		l.next = now.Add(l.pause)
	}
}
