package replica

import (
	"hash/maphash"

	"github.com/tidemark/tidemark/tables"
)

// newest is what is stored of a key: the source offset of its row or deletion,
// -1 when there is neither.
type newest func(key tables.Key) (int64, error)

// guard detects records that are older than what the changelog had for their key
// before: a paused processor's late ones. Source offsets grow along a partition of
// the changelog, so only a record below the highest one so far costs a look.
//
// After a restart the stored rows may be ahead of where the changelog is read
// again: they then say nothing about the record at hand, and the guard goes by
// what it has seen itself, and for the rest by the batch that was loaded.
type guard struct {
	highest int64 // one more than the highest source offset so far
	cut     int64 // of the source: what is older is in the batch that was loaded
	ahead   int64 // changelog offset from which on the stored rows are no longer ahead

	seed  maphash.Seed
	seen  []sighting       // in the stretch that is read again
	index map[uint64]int64 // of seen, made when it is first needed
}

type sighting struct {
	key    uint64
	source int64
}

func newGuard(highest, cut, ahead int64) *guard {
	return &guard{highest: max(highest, cut), cut: cut, ahead: ahead, seed: maphash.MakeSeed()}
}

// stale reports whether the record at a changelog offset is older than one of the
// same key before it. An equal one is no older: it is a repetition.
func (g *guard) stale(key tables.Key, offset, source int64, stored newest) (bool, error) {
	again := offset < g.ahead
	if !again && g.seen != nil {
		g.seen, g.index = nil, nil
	}
	if source >= g.highest {
		g.highest = source + 1
		if again {
			g.note(key, source)
		}
		return false, nil
	}
	last := int64(-1)
	if again {
		known := false
		if last, known = g.find(key); !known && source < g.cut {
			var err error
			if last, err = stored(key); err != nil {
				return false, err
			}
		}
	} else {
		var err error
		if last, err = stored(key); err != nil {
			return false, err
		}
	}
	if source < last {
		return true, nil
	}
	if again {
		g.note(key, source)
	}
	return false, nil
}

func (g *guard) note(key tables.Key, source int64) {
	h := maphash.String(g.seed, string(key))
	g.seen = append(g.seen, sighting{h, source})
	if g.index != nil {
		g.index[h] = source
	}
}

func (g *guard) find(key tables.Key) (int64, bool) {
	if g.index == nil {
		g.index = make(map[uint64]int64, len(g.seen))
		for _, s := range g.seen {
			g.index[s.key] = s.source
		}
	}
	source, ok := g.index[maphash.String(g.seed, string(key))]
	if !ok {
		return -1, false
	}
	return source, true
}
