package progress

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func TestProgressCountsWhenTheChangelogHasComeToIt(t *testing.T) {
	p := NewTracker(tables.Position{5}, tables.Position{50}, 2)
	p.Expect(wire.Progress{Partition: 0, Source: 70, Changelog: 8})
	p.Expect(wire.Progress{Partition: 0, Source: 80, Changelog: 9})
	p.Expect(wire.Progress{Partition: 0, Source: 90, Changelog: 12})
	p.Expect(wire.Progress{Partition: 1, Source: 3, Changelog: 0})
	at := func(want tables.Position) {
		t.Helper()
		p.Settle()
		p.Publish()
		if diff := cmp.Diff(want, p.At().Source); diff != "" {
			t.Error(diff)
		}
	}
	at(tables.Position{50, 3})
	p.Step(0, 8, 55)
	at(tables.Position{70, 3})
	p.Step(0, 11, 60)
	at(tables.Position{70, 3})
	p.Step(0, 12, 61)
	at(tables.Position{90, 3})
}

func TestPlaceWakesThoseWhoWait(t *testing.T) {
	p := NewTracker(nil, nil, 1)
	_, changed := p.Look()
	p.Step(0, 1, 1)
	select {
	case <-changed:
		t.Error("a step is seen before it is published")
	default:
	}
	p.Publish()
	<-changed
	p.Step(0, 2, 2)
	p.Rewind()
	p.Publish()
	if got := p.At().Changelog.At(0); got != 1 {
		t.Errorf("changelog at %d after a step that was taken back, want 1", got)
	}
	_, changed = p.Look()
	p.End()
	<-changed
	_, changed = p.Look()
	<-changed
}

func TestHighestSourcePosition(t *testing.T) {
	p := NewTracker(nil, nil, 1)
	pg := func(lsn uint64) tables.SourcePosition {
		return tables.SourcePosition{Kind: tables.SourcePostgres, Minor: lsn}
	}
	snapshot := pg(900)
	snapshot.Snapshot = true
	for _, s := range []tables.SourcePosition{pg(5), pg(9), pg(7), snapshot, {}} {
		p.Raise(0, s)
	}
	if got := p.Next.Top[0]; got != pg(9) {
		t.Errorf("highest %+v, want lsn 9: snapshots are not comparable", got)
	}
}
