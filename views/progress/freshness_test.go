package progress

import (
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
)

func TestFreshness(t *testing.T) {
	begun := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return begun.Add(time.Duration(ms) * time.Millisecond) }
	type asked struct {
		ms   int
		ends tables.Position
	}
	for _, c := range []struct {
		name  string
		polls []asked
		pos   tables.Position
		now   int
		want  Freshness
	}{
		{"before the first answer", nil, nil, 700, Freshness{Lagging, 700 * time.Millisecond}},
		{"no answer at all", nil, nil, 3100, Freshness{Disconnected, 3100 * time.Millisecond}},
		{"an empty source", []asked{{0, tables.Position{0, 0}}}, nil, 12, Freshness{Fresh, 12 * time.Millisecond}},
		{"all is here", []asked{{0, tables.Position{5, 3}}, {500, tables.Position{9, 3}}}, tables.Position{9, 3}, 512, Freshness{Fresh, 12 * time.Millisecond}},
		{"all of the poll before is here", []asked{{0, tables.Position{5, 3}}, {500, tables.Position{9, 3}}}, tables.Position{8, 3}, 900, Freshness{Fresh, 900 * time.Millisecond}},
		{"one partition is behind", []asked{{0, tables.Position{5, 3}}, {500, tables.Position{9, 3}}, {1000, tables.Position{9, 4}}}, tables.Position{8, 9}, 1100, Freshness{Lagging, 1100 * time.Millisecond}},
		{"nothing of it is here", []asked{{500, tables.Position{9}}}, tables.Position{8}, 2100, Freshness{Lagging, 2100 * time.Millisecond}},
		{"nothing new for long", []asked{{0, tables.Position{9}}, {500, tables.Position{9}}, {10_500, tables.Position{9}}}, tables.Position{9}, 10_600, Freshness{Idle, 100 * time.Millisecond}},
		{"nothing new for long, and not all is here", []asked{{0, tables.Position{9}}, {500, tables.Position{9}}, {10_500, tables.Position{9}}}, tables.Position{8}, 10_600, Freshness{Lagging, 10_600 * time.Millisecond}},
		{"brokers do not answer", []asked{{0, tables.Position{9}}}, tables.Position{9}, 3100, Freshness{Disconnected, 3100 * time.Millisecond}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := NewEnds(begun)
			for _, p := range c.polls {
				f.Add(at(p.ms), p.ends, tables.SourcePosition{})
			}
			if got := f.Freshness(c.pos, at(c.now)); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// TestFreshnessOfABatch has rows of an hour ago, and of a clock that is ahead.
func TestFreshnessOfABatch(t *testing.T) {
	begun := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	f := NewEnds(begun)
	f.RowsAreOf(begun.Add(-time.Hour))
	f.RowsAreOf(begun.Add(time.Hour))
	for _, want := range []Freshness{{Lagging, time.Hour}, {Lagging, time.Hour}, {Fresh, 0}} {
		pos := tables.Position{8}
		if want.State == Fresh {
			pos = tables.Position{9}
		}
		if got := f.Freshness(pos, begun); got != want {
			t.Errorf("%+v at %s, want %+v", got, pos, want)
		}
		f.Add(begun, tables.Position{9}, tables.SourcePosition{})
	}
}

// TestFreshnessRemembersLongLags keeps a bounded number of samples that still
// say how old a position is.
func TestFreshnessRemembersLongLags(t *testing.T) {
	begun := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	f := NewEnds(begun)
	const polls = 20_000
	for i := range polls {
		f.Add(begun.Add(time.Duration(i)*time.Second), tables.Position{int64(i)}, tables.SourcePosition{})
	}
	if len(f.samples) > samplesKept {
		t.Errorf("%d samples are kept, want at most %d", len(f.samples), samplesKept)
	}
	got := f.Freshness(tables.Position{polls - 1000}, begun.Add(polls*time.Second))
	if got.State != Lagging || got.Age < 1000*time.Second || got.Age > 1500*time.Second {
		t.Errorf("%+v for a lag of 1000 s", got)
	}
}

func TestFreshnessOfAPositionBeforeAMarker(t *testing.T) {
	begun := time.Now()
	f := NewEnds(begun)
	f.Add(begun, tables.Position{8}, tables.SourcePosition{})
	if f.Reaches(tables.Position{7}, tables.Position{8}) {
		t.Error("7 reaches 8 before it is known that nothing is left")
	}
	f.SetUndeliverable(0, 7, 8)
	if got := f.Freshness(tables.Position{7}, begun.Add(time.Millisecond)); got.State != Fresh {
		t.Errorf("%+v at a position with only a marker behind it", got)
	}
	if f.Reaches(tables.Position{6}, tables.Position{8}) {
		t.Error("6 reaches 8")
	}
}
