package health

import (
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func hasTrouble(h wire.Health, r tables.Reason) (string, bool) {
	for _, t := range h.Troubles {
		if t.Reason == r {
			return t.Text, true
		}
	}
	return "", false
}

func TestTheOwnersCountsMayBeKnownLate(t *testing.T) {
	var c Counter
	for n := range int64(10) {
		c.Count(Counts{Rows: 1, Until: 101 + 2*n})
		c.Count(Counts{DeadLetters: 1, Until: 102 + 2*n})
	}
	c.GoOnFrom(Counts{Rows: 57, DeadLetters: 56, Until: 113}) // up to a row of those
	want := Counts{Rows: 57 + 3, DeadLetters: 56 + 4, Until: 120}
	if got := c.Get(); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	c.Count(Counts{Rows: 1, Until: 120})
	if got := c.Get(); got != want {
		t.Errorf("one that is done again is counted: %+v", got)
	}
}

func TestASourceIsSilentByItsHeartbeat(t *testing.T) {
	h := New()
	at := time.Unix(1000, 0)
	quiet := func() bool { return h.Health().Troubles != nil }
	h.Listen(5, at)
	h.Listen(5, at.Add(time.Hour))
	if quiet() {
		t.Error("silent without a heartbeat: nothing says that there should be something")
	}
	for n := range 3 {
		h.NoteHeartbeat(at.Add(time.Duration(n) * 10 * time.Second))
	}
	h.Listen(8, at)
	h.Listen(8, at.Add(29*time.Second))
	if quiet() {
		t.Error("silent before three heartbeats are missing")
	}
	h.Listen(8, at.Add(31*time.Second))
	if text, is := hasTrouble(h.Health(), tables.SourceSilent); !is || !strings.Contains(text, "heartbeat every 10s") {
		t.Errorf("not silent: %q", text)
	}
	h.Listen(9, at.Add(32*time.Second))
	if quiet() {
		t.Error("silent though something came")
	}
}

// Of a table that could be read once, that is reported for as long as it cannot; what owners before have
// counted goes into it, and nothing before that is known.
func TestTheBestIsWhereRowsWereFurthestAhead(t *testing.T) {
	h := New()
	h.Source.Count(Counts{Rows: 1, Until: 1})
	h.SetReached()
	h.TakeBest()
	if report := h.Health(); h.Known() || report.BestRows != 0 {
		t.Errorf("before the owner's counts are known: %+v", report)
	}
	h.GoOnFrom(wire.Health{Rows: 2, CountedUntil: 0})
	h.Source.Count(Counts{DeadLetters: 1, Until: 2}) // what was before it is taken first
	h.Source.Count(Counts{DeadLetters: 1, Until: 3})
	h.TakeBest()
	if report := h.Health(); !h.Known() || report.BestRows != 3 || report.BestDeadLetters != 0 || report.DeadLetters != 2 {
		t.Errorf("told %+v", report)
	}
	h.Control.Count(Counts{Settled: 2, Until: 1})
	h.Source.Count(Counts{Rows: 1, Until: 4})
	h.TakeBest()
	if report := h.Health(); report.BestRows != 4 || report.BestDeadLetters != 0 {
		t.Errorf("with the dead letters settled: %+v", report)
	}
}

func TestATroubleIsToldUntilItIsCleared(t *testing.T) {
	h := New()
	h.Tell(tables.Trouble{Reason: tables.SchemaDrift, Text: "one"})
	h.Tell(tables.Trouble{Reason: tables.SchemaDrift, Text: "another"})
	if text, is := hasTrouble(h.Health(), tables.SchemaDrift); !is || text != "another" {
		t.Errorf("told %q", text)
	}
	h.Clear(tables.SchemaDrift)
	if _, is := hasTrouble(h.Health(), tables.SchemaDrift); is {
		t.Error("told when it is cleared")
	}
}
