package replica

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// guarded feeds records of one partition to a guard the way the writer does, with
// a map in place of the rows on disk.
type guarded struct {
	t      *testing.T
	g      *guard
	stored map[tables.Key]int64
	looks  int
}

func (g *guarded) take(key tables.Key, offset, source int64, wantStale bool) {
	g.t.Helper()
	stale, err := g.g.stale(key, offset, source, func(k tables.Key) (int64, error) {
		g.looks++
		if s, ok := g.stored[k]; ok {
			return s, nil
		}
		return -1, nil
	})
	if err != nil {
		g.t.Fatal(err)
	}
	if stale != wantStale {
		g.t.Errorf("record of %s at %d from source offset %d: stale %v, want %v", key, offset, source, stale, wantStale)
	}
	if !stale && offset >= g.g.ahead {
		g.stored[key] = source
	}
}

func TestGuardLeavesOutLateRecords(t *testing.T) {
	g := &guarded{t: t, g: newGuard(0, 0, 0), stored: map[tables.Key]int64{}}
	g.take("a", 0, 0, false)
	g.take("b", 1, 1, false)
	g.take("a", 2, 5, false)
	if g.looks != 0 {
		t.Errorf("%d looks at what is stored for records in order, want none", g.looks)
	}
	g.take("a", 3, 0, true)  // a paused processor's
	g.take("b", 4, 1, false) // written again: equal is no older
	g.take("c", 5, 4, false) // late, but the first of its key
	g.take("a", 6, 5, false)
	g.take("a", 7, 6, false)
}

// TestGuardGoesByWhatItSeesWhenRowsAreAhead replays a stretch that the rows on
// disk have behind them: they say nothing about records in order.
func TestGuardGoesByWhatItSeesWhenRowsAreAhead(t *testing.T) {
	g := &guarded{t: t, g: newGuard(10, 10, 200), stored: map[tables.Key]int64{"a": 30, "b": 4, "gone": 25}}
	g.take("a", 100, 10, false)
	g.take("a", 101, 20, false)
	g.take("a", 102, 11, true) // late within the stretch
	g.take("a", 103, 30, false)
	g.take("b", 104, 4, false)     // of before the batch and written again: the batch has it
	g.take("b", 105, 3, true)      // of before the batch and late
	g.take("gone", 106, 12, false) // late, its newest comes only later
	g.take("gone", 107, 25, false)
	g.take("a", 200, 12, true) // behind the stretch the rows on disk count
	if g.g.seen != nil {
		t.Error("what was seen in the stretch is still in memory")
	}
	g.take("a", 201, 31, false)
}
