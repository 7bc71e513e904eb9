package progress

import (
	"slices"
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
)

// A position of the source is Kafka's: behind the last transaction's marker, where there
// is one. No record is there, so none brings the rows there. A position that has
// only such offsets before it is reported as the one after them.

// undeliverable are the stretches of the source in which nothing is deliverable, the last one of
// each partition. One goroutine sets them, any number reads.
type undeliverable struct {
	known atomic.Pointer[[]stretch]
	last  atomic.Pointer[raised] // what was asked last: most ask for the newest snapshot's
}

// stretch is of one partition: a position at from, or in it, has reached end.
type stretch struct {
	partition int32
	from, end int64
}

type raised struct{ in, out tables.Position }

func (b *undeliverable) reset() { b.store(nil) }

func (b *undeliverable) store(all []stretch) {
	b.known.Store(&all)
	b.last.Store(nil)
}

// set takes a stretch. It grows one that it follows.
func (b *undeliverable) set(partition int32, from, end int64) {
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
func (b *undeliverable) raise(pos tables.Position) tables.Position {
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

// lower returns the position before the stretches that a position of rows is before:
// to have read all before one is to have read all before the other.
func (b *undeliverable) lower(pos, rows tables.Position) tables.Position {
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
