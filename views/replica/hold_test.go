package replica

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/rows"
)

// took has the writer take a group, and compares what readers see after it: the text of
// the row, the position that it is reported with, and the one that is waited for.
func (w *writer) took(t *testing.T, group []item, want string, at int64) {
	t.Helper()
	if err := w.take(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	snap := w.s.Snapshot()
	values, _ := snap.Lookup(tables.EncodeKey(tables.Int64Value(1)), nil)
	if got := append(values, tables.Value{}, tables.Value{}); got[1].Str() != want || snap.Position().At(0) != at {
		t.Errorf("readers see %v at %s, want %q at %d", values, snap.Position(), want, at)
	}
	if got, _ := w.s.place.Sight(); got.Source.At(0) != at {
		t.Errorf("readers wait at %s, want %d", got.Source, at)
	}
}

// readers lets readers see the writer's replica, and follow it.
func (w *writer) readers() *changes.Feed {
	w.s.shared.View.(*viewed).s = w.s
	return w.s.makeFeed()
}

// waits waits until readers see a position.
func (w *writer) waits(ctx context.Context, p tables.Position) error {
	for {
		at, moved := w.s.place.Sight()
		if at.Source.Reaches(p) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}

// TestRowsBehindAHoleAreHeldBack reads a changelog from which records are missing, as
// compaction takes them: what superseded them may come up to the end that is asked for after
// the hole is seen, and not before.
func TestRowsBehindAHoleAreHeldBack(t *testing.T) {
	w := written(t, tables.Position{5}, tables.Position{30}, rows.Position{Changelog: 5, Source: 30})
	feed := w.readers()
	w.took(t, []item{upsert(5, 30, "first")}, "first", 31)
	reader := feed.From(w.s.Snapshot().Version(), w.s.Snapshot().Position(), nil)
	defer reader.Close()
	w.took(t, []item{upsert(6, 31, "whole"), upsert(9, 40, "mixed")}, "whole", 32)
	w.took(t, []item{upsert(10, 41, "mixed, too")}, "whole", 32)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := w.waits(ctx, tables.Position{41}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait for a position of rows that are held back: %v", err)
	}
	nudge := []item{{offset: -1, source: -1}}
	w.s.hold.asked.Store(&askedEnds{0, tables.Position{11}}) // asked for before the hole was seen
	w.took(t, nudge, "whole", 32)
	w.s.hold.asked.Store(&askedEnds{1, tables.Position{13}})
	w.took(t, nudge, "whole", 32)
	w.took(t, []item{upsert(12, 43, "a hole on the way")}, "whole", 32)
	w.took(t, []item{upsert(13, 44, "mixed again")}, "whole", 32)
	w.s.hold.asked.Store(&askedEnds{2, tables.Position{14}})
	w.took(t, nudge, "mixed again", 45)
	w.took(t, []item{upsert(14, 45, "next")}, "next", 46)

	var seen []string
	for {
		b, some, err := reader.Take()
		if err != nil {
			t.Fatal(err)
		}
		if !some {
			break
		}
		for _, e := range b.Events {
			seen = append(seen, e.Old[1].Str()+" -> "+e.New[1].Str())
		}
	}
	if len(seen) != 1 || seen[0] != "first -> next" {
		t.Errorf("a follower gets %q, want the newest state once", seen)
	}
}

// TestWhoFollowsIsToldOnceWhatWasHeldBack looks at each change as it comes.
func TestWhoFollowsIsToldOnceWhatWasHeldBack(t *testing.T) {
	w := written(t, tables.Position{5}, tables.Position{30}, rows.Position{Changelog: 5, Source: 30})
	feed := w.readers()
	w.took(t, []item{upsert(5, 30, "whole")}, "whole", 31)
	reader := feed.From(w.s.Snapshot().Version(), w.s.Snapshot().Position(), nil)
	defer reader.Close()
	w.took(t, []item{upsert(8, 35, "mixed")}, "whole", 31)
	if b, some, err := reader.Take(); err != nil || some {
		t.Errorf("a follower gets %+v, %v of rows that are held back", b, err)
	}
	w.s.hold.asked.Store(&askedEnds{1, tables.Position{10}})
	w.took(t, []item{upsert(9, 36, "end")}, "end", 37)
	b, _, err := reader.Take()
	if err != nil || len(b.Events) != 1 || b.Events[0].Old[1].Str() != "whole" || b.Events[0].New[1].Str() != "end" || b.After.At(0) != 37 {
		t.Errorf("a follower gets %+v, %v; want one update at 37", b, err)
	}
	if resumed, err := feed.Resume(tables.Position{35}, nil); err == nil {
		defer resumed.Close()
		if b, _, err := resumed.Take(); err == nil {
			t.Errorf("a follower that comes back from within what was held back gets %+v", b)
		}
	}
}

// TestTooManyHeldChanges has more keys change than are remembered: who follows starts over.
func TestTooManyHeldChanges(t *testing.T) {
	w := written(t, tables.Position{5}, tables.Position{30}, rows.Position{Changelog: 5, Source: 30})
	feed := w.readers()
	w.took(t, []item{upsert(5, 30, "whole")}, "whole", 31)
	reader := feed.From(w.s.Snapshot().Version(), w.s.Snapshot().Position(), nil)
	defer reader.Close()
	group := []item{upsert(7, 31, "mixed")}
	for i := range int64(heldKeys) {
		it := upsert(8+i, 32+i, "other")
		it.key = tables.EncodeKey(tables.Int64Value(2 + i))
		it.values = []tables.Value{tables.Int64Value(2 + i), tables.StringValue("other")}
		group = append(group, it)
	}
	end := int64(8 + heldKeys)
	w.s.hold.asked.Store(&askedEnds{1, tables.Position{end}})
	w.took(t, group, "mixed", end+24)
	if _, _, err := reader.Take(); !errors.Is(err, changes.ErrOver) {
		t.Errorf("a follower gets %v, want that it starts over", err)
	}
}

// TestRowsThatAProcessorWritesAgainAreHeldBack has records that say from where on the rows are whole.
func TestRowsThatAProcessorWritesAgainAreHeldBack(t *testing.T) {
	again := func(offset, source int64, text string) item {
		it := upsert(offset, source, text)
		it.whole = 50
		return it
	}
	w := written(t, tables.Position{5}, tables.Position{30}, rows.Position{Changelog: 5, Source: 30})
	w.took(t, []item{upsert(5, 30, "whole"), again(6, 40, "mixed")}, "whole", 31)
	w.took(t, []item{again(7, 44, "mixed, too")}, "whole", 31)
	w.took(t, []item{again(8, 49, "whole again")}, "whole again", 50)
	w.took(t, []item{again(9, 45, "whole again")}, "whole again", 50) // known by now: nothing is held back for it

	w = written(t, tables.Position{5}, tables.Position{30}, rows.Position{Changelog: 5, Source: 30})
	w.took(t, []item{upsert(5, 30, "whole"), again(6, 40, "mixed")}, "whole", 31)
	w.took(t, []item{{offset: -1, source: -1, progress: &wire.Progress{Source: 52, Changelog: 7}}}, "mixed", 52)
}

// TestAHoleBelowTheBatchIsNone has the rows on disk behind the batch in memory, which has
// whatever is missing.
func TestAHoleBelowTheBatchIsNone(t *testing.T) {
	w := written(t, tables.Position{9}, tables.Position{30}, rows.Position{Changelog: 3, Source: 20})
	w.took(t, []item{upsert(7, 28, "disk only")}, "", 30)
	w.took(t, []item{upsert(9, 31, "next")}, "next", 32)
}
