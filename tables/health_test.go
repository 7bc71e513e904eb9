package tables_test

import (
	"slices"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

func TestHealthSumsUp(t *testing.T) {
	var h tables.Health
	if h.State() != tables.HealthOK {
		t.Errorf("without troubles the state is %s", h.State())
	}
	h.Add(tables.Trouble{Reason: tables.SchemaDrift, Text: "first"})
	h.Add(tables.Trouble{Reason: tables.DeadLetters})
	h.Add(tables.Trouble{Reason: tables.SchemaDrift, Text: "second"})
	if h.State() != tables.HealthDegraded || len(h.Troubles) != 2 || h.Troubles[0].Reason != tables.DeadLetters || h.Troubles[1].Text != "first" {
		t.Errorf("state %s, troubles %+v", h.State(), h.Troubles)
	}
	h.Add(tables.Trouble{Reason: tables.SchemaDrift, Stops: true})
	if h.State() != tables.HealthStopped || !h.Has(tables.SchemaDrift) || h.Has(tables.Building) {
		t.Errorf("state %s, troubles %+v", h.State(), h.Troubles)
	}
	misleads := tables.Health{Misleads: true}
	if misleads.State() != tables.HealthStopped {
		t.Errorf("a table that misleads is %s", misleads.State())
	}
}

func TestLinesOfSeveralSourcesAreToldOnce(t *testing.T) {
	var h tables.Health
	for _, text := range []string{"a\nb", "b", "b\nc", "a"} {
		h.Merge(tables.Trouble{Reason: tables.SchemaDrift, Text: text})
	}
	h.Merge(tables.Trouble{Reason: tables.SourceSilent, Text: "a"})
	if len(h.Troubles) != 2 || h.Troubles[1].Text != "a\nb\nc" || h.Troubles[0].Text != "a" {
		t.Errorf("%+v", h.Troubles)
	}
}

func TestReasonsAreEachThereOnce(t *testing.T) {
	all := slices.Clone(tables.Reasons())
	slices.Sort(all)
	if len(slices.Compact(all)) != len(tables.Reasons()) || len(all) != 11 {
		t.Errorf("the reasons are %v", tables.Reasons())
	}
}
