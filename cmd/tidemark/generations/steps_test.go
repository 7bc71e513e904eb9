package generations_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

func orders(columns ...string) *tables.Table {
	t := &tables.Table{
		Name: "orders", Source: tables.Source{Topic: "src", Format: tables.UpsertJSON, Placeholder: tables.DefaultPlaceholder, Partitioner: tables.PartitionMurmur2},
		Key: []string{"id"}, Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}}, Document: tables.DocumentDrop,
	}
	for _, name := range columns {
		t.Columns = append(t.Columns, tables.Column{Name: name, Type: tables.Type{Kind: tables.String}})
	}
	return t
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var maker = &wire.Maker{Host: "h", Version: "v1", At: noon}

func promoted(l wire.GenerationRecord) wire.GenerationRecord {
	return generations.Promote(l, wire.Bootstrap{Adopted: 2, Swept: 1}, 9, noon)
}

// TestOlderConfigurationDoesNotFight restarts processes with both configurations in
// the middle of a rolling deployment, in any order.
func TestOlderConfigurationDoesNotFight(t *testing.T) {
	older, newer := orders("a"), orders("a", "b")
	l := generations.First(older, maker)
	relation := func(what string, wantOlder, wantNewer generations.Relation) {
		t.Helper()
		if got := generations.RelationOf(l, older); got != wantOlder {
			t.Errorf("%s: the older one is %s, want %s", what, got, wantOlder)
		}
		if got := generations.RelationOf(l, newer); got != wantNewer {
			t.Errorf("%s: the newer one is %s, want %s", what, got, wantNewer)
		}
	}
	relation("at first", generations.Served, generations.New)
	l = generations.Ask(l, newer, false, maker)
	relation("while it is built", generations.Served, generations.Building)
	l = promoted(l)
	relation("after it", generations.Earlier, generations.Served)
	l = generations.Replay(l, older, generations.Request{}, nil, noon)
	relation("gone back by a replay", generations.Building, generations.Served)
	l = promoted(l)
	relation("after that", generations.Served, generations.Earlier)
}

func TestStepsOfADefinition(t *testing.T) {
	l := generations.Ask(generations.First(orders("a"), maker), orders("a", "b"), false, maker)
	if l.Build.Table.Generation != 1 || l.Build.Plan.Rows != string(seed.Adopt) || l.Build.Plan.From.Generation != 0 {
		t.Errorf("the build is %+v", l.Build)
	}
	plan := generations.Plan(l, 1)
	if plan == nil || plan.Validate(&l.Build.Table) != nil || !plan.Start.Time.IsZero() || plan.Start.Position != nil || generations.Plan(l, 0) != nil {
		t.Errorf("the plan is %+v", plan)
	}
	l = generations.Ask(l, orders("a", "c"), false, maker)
	if l.Build.Table.Generation != 2 || len(l.Retired) != 1 || l.Retired[0].Generation != 1 || l.Last.Failure == "" {
		t.Errorf("after another definition: %+v", l)
	}
	l = promoted(l)
	if l.Current.Generation != 2 || l.Build != nil || len(l.Retired) != 2 || l.Retired[1].Generation != 0 {
		t.Errorf("after the build: %+v", l)
	}
	if diff := cmp.Diff(&wire.BuildOutcome{Generation: 2, Why: "definition", Asked: noon, Ended: noon, Rows: 9, Adopted: 2, Swept: 1}, l.Last); diff != "" {
		t.Error(diff)
	}
	if generations.Plan(l, 2) == nil {
		t.Error("a restart does not know what the generation is filled from")
	}
	if l = generations.Forget(l, 0); generations.Plan(l, 2) != nil || len(l.Retired) != 1 {
		t.Errorf("after the old topics are gone: %+v", l)
	}
	if l = generations.Replay(l, orders("a", "c"), generations.Request{Sweep: true}, nil, noon); l.Build.Table.Generation != 3 || l.Build.Plan.Rows != string(seed.Sweep) {
		t.Errorf("the replay is %+v", l.Build)
	}
}

func TestCarriedDefinition(t *testing.T) {
	was := orders("a")
	was.Document = tables.DocumentKeep
	is := orders("a", "b")
	is.Document = tables.DocumentKeep
	l := generations.Ask(generations.First(was, maker), is, false, maker)
	if l.Build.Plan.Rows != string(seed.Carry) {
		t.Errorf("rows are %s", l.Build.Plan.Rows)
	}
	l = generations.Rebuild(l, "a value cannot be read", noon)
	if l.Build.Plan.Rows != string(seed.Adopt) || l.Build.Table.Generation != 2 || l.Last.Failure != "a value cannot be read" {
		t.Errorf("after it could not be carried: %+v", l.Build)
	}
	if got := generations.RelationOf(l, is); got != generations.Building {
		t.Errorf("the definition is %s", got)
	}
}

// TestWhatViewsDoForThemselvesIsApplied needs no generation.
func TestWhatViewsDoForThemselvesIsApplied(t *testing.T) {
	l := generations.First(orders("a"), maker)
	l.Current.Generation = 4
	sorted := orders("a")
	sorted.SortKey, sorted.Columns[1].Index, sorted.Batch.KeepLast = []string{"a"}, true, 9
	if got := generations.RelationOf(l, sorted); got != generations.Served {
		t.Errorf("it is %s", got)
	}
	applied := generations.Applied(&l.Current, sorted)
	if applied.Generation != 4 || applied.Batch.KeepLast != 9 || !applied.Columns[1].Index || applied.SortKey == nil {
		t.Errorf("applied: %+v", applied)
	}
	other := generations.Applied(&l.Current, orders("b"))
	if other.ColumnIndex("a") < 0 || other.ColumnIndex("b") >= 0 {
		t.Errorf("another definition is served by its own columns: %+v", other)
	}
}

func TestDeadLettersAreReadAgainByAnotherDefinition(t *testing.T) {
	for letters, want := range map[bool]seed.Rows{false: seed.Carry, true: seed.Adopt} {
		if l := generations.Ask(generations.First(orders("a", "b"), maker), orders("a"), letters, maker); l.Build.Plan.Rows != string(want) {
			t.Errorf("dead letters %t: rows are %s, want %s", letters, l.Build.Plan.Rows, want)
		}
	}
}

func TestRowsWithoutAPlaceAreSwept(t *testing.T) {
	keyed, partitioned, repartitioned := orders("a"), orders("a"), orders("a")
	keyed.Key = []string{"id", "a"}
	partitioned.Source.Partitioner = tables.PartitionCRC32
	repartitioned.Source.Partitioner = tables.PartitionAny
	for name, tc := range map[string]struct {
		to   *tables.Table
		want seed.Rows
	}{
		"another key": {keyed, seed.Sweep}, "another partitioner": {partitioned, seed.Sweep}, "by decoded keys": {repartitioned, seed.Adopt},
		"a column": {orders("a", "b"), seed.Adopt},
	} {
		if l := generations.Ask(generations.First(orders("a"), maker), tc.to, false, maker); l.Build.Plan.Rows != string(tc.want) {
			t.Errorf("%s: rows are %s, want %s", name, l.Build.Plan.Rows, tc.want)
		}
	}
}
