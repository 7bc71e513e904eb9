package seed_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

func definition(generation int) *tables.Table {
	return &tables.Table{
		Name: "orders", Generation: generation, Key: []string{"id"},
		Source:  tables.Source{Topic: "shop.orders", Format: tables.UpsertJSON, Partitioner: tables.PartitionMurmur2},
		Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: tables.Type{Kind: tables.String}}},
	}
}

func TestPlansAreValidated(t *testing.T) {
	to := definition(1)
	for _, tt := range []struct {
		name string
		plan seed.Plan
		want string
	}{
		{"a carry", seed.Plan{From: definition(0), Rows: seed.Carry}, ""},
		{"a replay from a time", seed.Plan{From: definition(0), Rows: seed.Sweep, Start: seed.Start{Time: time.Unix(1, 0)}}, ""},
		{"nothing to fill it from", seed.Plan{Rows: seed.Carry}, "no old generation"},
		{"itself", seed.Plan{From: to, Rows: seed.Adopt}, "another generation"},
		{"another table", seed.Plan{From: &tables.Table{Name: "other"}, Rows: seed.Adopt}, "same table"},
		{"unknown rows", seed.Plan{From: definition(0), Rows: "take"}, `"take"`},
		{"two starts", seed.Plan{From: definition(0), Rows: seed.Adopt, Start: seed.Start{Time: time.Unix(1, 0), Position: tables.Position{1}}}, "not both"},
	} {
		err := tt.plan.Validate(to)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	repartitioned := definition(1)
	repartitioned.Source.Partitioner = tables.PartitionAny
	var unfit *seed.UnfitError
	if err := (&seed.Plan{From: definition(0), Rows: seed.Carry}).Validate(repartitioned); !errors.As(err, &unfit) {
		t.Errorf("a carry into a topic by keys: %v", err)
	}
}

func TestRowsForADefinitionThatFollows(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*tables.Table)
		want   seed.Rows
	}{
		{"where", func(t *tables.Table) { t.Where = "v = 'x'" }, seed.Carry},
		{"a column that nothing tells", func(t *tables.Table) {
			t.Columns = append(t.Columns, tables.Column{Name: "w", Type: tables.Type{Kind: tables.String}})
		}, seed.Adopt},
		{"the format", func(t *tables.Table) { t.Source.Format = tables.DebeziumJSON }, seed.Adopt},
		{"repartitioned from now on", func(t *tables.Table) { t.Source.Partitioner = tables.PartitionAny }, seed.Adopt},
		{"another partitioner", func(t *tables.Table) { t.Source.Partitioner = tables.PartitionCRC32 }, seed.Sweep},
		{"another topic", func(t *tables.Table) { t.Source.Topic = "other" }, seed.Adopt},
		{"another key", func(t *tables.Table) { t.Key = []string{"v"} }, seed.Sweep},
		{"another type of the key", func(t *tables.Table) { t.Columns[0].Type.Kind = tables.String }, seed.Sweep},
	} {
		to := definition(1)
		tt.change(to)
		if got := seed.RowsFor(definition(0), to); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestProgressIsAddedUp(t *testing.T) {
	p := seed.Progress{Of: 2, Partitions: []wire.Bootstrap{
		{Partition: 0, Phase: wire.BootstrapLive, Old: 5, Adopted: 2, Swept: 4, Started: 10, Finished: 20},
		{Partition: 1, Phase: wire.BootstrapReplaying, Old: 7, Swept: -1, Started: 9},
	}}
	sum := p.Sum()
	if sum.Phase != wire.BootstrapReplaying || sum.Old != 12 || sum.Adopted != 2 || sum.Swept != 3 || sum.Started != 9 || sum.Finished != 0 || p.Live() {
		t.Errorf("%+v", sum)
	}
	p.Partitions[1].Phase, p.Partitions[1].Finished = wire.BootstrapLive, 30
	if sum = p.Sum(); sum.Phase != wire.BootstrapLive || sum.Finished != 30 || !p.Live() {
		t.Errorf("%+v", sum)
	}
	p.Of = 3
	if sum = p.Sum(); sum.Phase != wire.BootstrapReading || p.Live() {
		t.Errorf("a partition that has not begun counts for nothing: %+v", sum)
	}
	p.Partitions[1].Failed = "because"
	if p.Failed() != "partition 1: because" {
		t.Error(p.Failed())
	}
}
