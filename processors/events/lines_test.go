package events_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/tidemark/tidemark/hooks"
	"github.com/tidemark/tidemark/hooks/hookstest"
	"github.com/tidemark/tidemark/processors/events"
)

func TestEveryEventHasALine(t *testing.T) {
	hookstest.CheckLines[events.Listener](t, map[string]bool{"SourceError": true}) // says what was being done
}

// TestPartitionsAreFilledIn tells of the same events in two partitions: those of the table have
// none.
func TestPartitionsAreFilledIn(t *testing.T) {
	var lines []string
	all := events.Each(func(e hooks.Event) { lines = append(lines, e.Line().String()) })
	for partition := range int32(2) {
		l := all.In(partition)
		l.PartitionTaken(events.PartitionTaken{From: 7, Generation: 3})
		l.BatchBegun(events.BatchBegun{Batch: 1, Trigger: "demand"})
	}
	all.InSource(5).SourceTaken(events.SourceTaken{From: 9})
	want := []string{
		"INFO partition taken over partition=0 from=7 generation=3", `INFO batch begun batch=1 trigger="demand"`,
		"INFO partition taken over partition=1 from=7 generation=3", `INFO batch begun batch=1 trigger="demand"`,
		"INFO partition of the source taken over source_partition=5 from=9",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("told %q, want %q", lines, want)
	}
}

func TestARecordThatCannotBeReadIsAnErrorOnce(t *testing.T) {
	e := events.RecordUnreadable{Topic: "orders-table", Offset: 4, Err: errors.New("bad")}
	first := e.Line().String()
	e.Known = true
	const rest = ` record cannot be read and is left out, as are others of its kind topic="orders-table" offset=4 error=bad`
	if second := e.Line().String(); first != "ERROR"+rest || second != "DEBUG"+rest {
		t.Errorf("told as %q and then as %q", first, second)
	}
}
