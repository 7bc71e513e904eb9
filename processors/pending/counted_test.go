package pending

import (
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/tables"
)

func TestMostlyDeadSpeaksOfTheNewestRecords(t *testing.T) {
	h := health.New()
	row, dead := &Entry{Action: Fold}, &Entry{Action: DeadLetter, Field: "after.total", Reason: "no number"}
	row.Change.Op = tables.Upsert
	note := func(e *Entry, n int) {
		for range n {
			e.Note(h)
		}
	}
	is := func(want bool) {
		t.Helper()
		trouble, got := deadLetters(h)
		if got != want || got && !strings.Contains(trouble, "after.total: no number") {
			t.Errorf("mostly dead: %t, %s, want %t", got, trouble, want)
		}
	}
	is(false)
	note(row, 1000)
	is(false)
	note(dead, 32)
	is(false)
	note(dead, 1)
	is(true)
	note(row, 40)
	is(false)
	note(row, 64)
	note(dead, 30)
	is(false)
	h = health.New()
	note(dead, 1)
	is(true)
	note(row, 1)
	is(false)
	gone := &Entry{Action: Fold} // deletes can be read where rows cannot
	gone.Change.Op = tables.Delete
	note(dead, 1)
	note(gone, 50)
	is(true)
}

// What is counted of an entry is what became of it, and of the source only what gives a row or a
// dead letter.
func TestEntriesAreCountedAsWhatTheyAre(t *testing.T) {
	row, gone, dead, skipped := &Entry{Action: Fold, Offset: 4}, &Entry{Action: Fold, Offset: 5}, &Entry{Action: DeadLetter, Offset: 6}, &Entry{Action: Skip, Offset: 7, settled: 3}
	row.Change.Op, gone.Change.Op = tables.Upsert, tables.Delete
	for e, want := range map[*Entry]health.Counts{
		row: {Rows: 1, Until: 5}, gone: {Until: 6}, dead: {DeadLetters: 1, Until: 7}, skipped: {Skipped: 1, Settled: 3, Until: 8},
	} {
		if got := e.counts(); got != want {
			t.Errorf("at %d: %+v, want %+v", e.Offset, got, want)
		}
	}
}

func deadLetters(h *health.Tracker) (text string, is bool) {
	all := h.Health().Troubles
	i := slices.IndexFunc(all, func(t tables.Trouble) bool { return t.Reason == tables.DeadLetters })
	if i < 0 {
		return "", false
	}
	return all[i].Text, true
}
