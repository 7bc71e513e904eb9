package progress

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func healthOf(reported ...wire.Health) *Health {
	h := &Health{}
	h.Reset(int32(len(reported)))
	for p, t := range reported {
		h.Put(int32(p), t)
	}
	return h
}

func TestOnePartitionThatIsRefusedDoesNotStopTheTable(t *testing.T) {
	refused := wire.Health{Rows: 3, Troubles: []tables.Trouble{{Reason: tables.PartitionRefused, Text: "declare crc32", Stops: true}}}
	well := wire.Health{Rows: 5, Skipped: 2, Unsettled: 1}
	got := healthOf(well, refused).Sum(8, true)
	if got.State() != tables.HealthDegraded || got.Misleads || !strings.HasPrefix(got.Troubles[0].Text, "partition 1: declare crc32") || got.Skipped != 2 || got.Unsettled != 1 {
		t.Errorf("one of two: %+v", got)
	}
	if got := healthOf(refused, refused).Sum(8, true); got.State() != tables.HealthStopped || !got.Misleads {
		t.Errorf("both: %+v", got)
	}
	if got := healthOf(refused).Sum(8, true); got.State() != tables.HealthStopped || !got.Misleads {
		t.Errorf("the only one: %+v", got)
	}
}

func TestATableOfDeadLettersMisleadsFromTheStartOnly(t *testing.T) {
	for name, c := range map[string]struct {
		reported wire.Health
		rows     int64
		state    tables.HealthState
		misleads bool
	}{
		"nothing yet":            {wire.Health{}, 0, tables.HealthOK, false},
		"all of many":            {wire.Health{DeadLetters: 300}, 0, tables.HealthStopped, true},
		"most of many":           {wire.Health{Rows: 100, DeadLetters: 300}, 100, tables.HealthStopped, true},
		"few, and all":           {wire.Health{DeadLetters: fewDeadLetters - 1}, 0, tables.HealthStopped, false},
		"less than rows":         {wire.Health{Rows: 301, DeadLetters: 300}, 301, tables.HealthOK, false},
		"settled":                {wire.Health{DeadLetters: 300, Settled: 300}, 0, tables.HealthOK, false},
		"rows from before":       {wire.Health{DeadLetters: 300}, 1000, tables.HealthOK, false},
		"only deletes and skips": {wire.Health{Skipped: 1000}, 0, tables.HealthOK, false},
	} {
		if got := healthOf(c.reported).Sum(c.rows, true); got.State() != c.state || got.Misleads != c.misleads {
			t.Errorf("%s: %s, misleads %t", name, got.State(), got.Misleads)
		}
	}
	h := healthOf(wire.Health{Rows: 10})
	h.Sum(10, false)
	h.Put(0, wire.Health{Rows: 10, DeadLetters: 300})
	if got := h.Sum(10, true); !got.Misleads {
		t.Error("rows of the beginning say that the table could be read, though its first records are not all read")
	}
	h.Put(0, wire.Health{Rows: 500, DeadLetters: 300})
	h.Sum(500, true)
	h.Put(0, wire.Health{Rows: 500, DeadLetters: 3000, Troubles: []tables.Trouble{{Reason: tables.DeadLetters}}})
	if got := h.Sum(500, true); got.Misleads || got.State() != tables.HealthDegraded {
		t.Errorf("a table that could be read once goes out of traffic: %+v", got)
	}
}

func TestATableThatCouldBeReadOnceStaysInTrafficAfterARestart(t *testing.T) {
	deadLetters := []tables.Trouble{{Reason: tables.DeadLetters}}
	for name, c := range map[string]struct {
		reported []wire.Health
		misleads bool
	}{
		"letters came later":             {[]wire.Health{{Rows: 2, DeadLetters: 20, BestRows: 2, Troubles: deadLetters}}, false},
		"in another partition":           {[]wire.Health{{Rows: 2, BestRows: 2}, {DeadLetters: 20, Troubles: deadLetters}}, false},
		"they were the first":            {[]wire.Health{{Rows: 2, DeadLetters: 20, BestRows: 2, BestDeadLetters: 20}}, true},
		"most partitions could not":      {[]wire.Health{{Rows: 2, BestRows: 2}, {DeadLetters: 20, BestDeadLetters: 20}}, true},
		"of older processors no one can": {[]wire.Health{{Rows: 2, DeadLetters: 20}}, true},
	} {
		for _, reached := range []bool{false, true} {
			if got := healthOf(c.reported...).Sum(2, reached); got.Misleads != c.misleads {
				t.Errorf("%s, reached %t: %+v", name, reached, got)
			}
		}
	}
}

func TestASchemaThatChangedIsToldOfTheTableOnce(t *testing.T) {
	drifted := func(text string) wire.Health {
		return wire.Health{Troubles: []tables.Trouble{{Reason: tables.SchemaDrift, Text: text}}}
	}
	got := healthOf(drifted("v is gone\nx is new"), wire.Health{}, drifted("x is new\ny is new")).Sum(0, true)
	if len(got.Troubles) != 1 || got.Troubles[0].Text != "v is gone\nx is new\ny is new" {
		t.Errorf("%+v", got)
	}
}
