package generations

import (
	"slices"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func named(kind tables.Kind, names ...string) []tables.Column {
	var out []tables.Column
	for _, n := range names {
		out = append(out, tables.Column{Name: n, Type: tables.Type{Kind: kind}})
	}
	return out
}

func TestADefinitionIsJoinedOfFileRecordAndSchema(t *testing.T) {
	declared := &tables.Table{Name: "t", ColumnsFrom: tables.ColumnsSchema, Columns: named(tables.String, "extra", "b")}
	l := wire.GenerationRecord{Number: 3, Current: tables.Table{Name: "t", Key: []string{"id"}, Columns: named(tables.Int64, "id", "a", "b")}}
	l.Build = &wire.Build{Why: wire.BuildDefinition, Table: tables.Table{Name: "t", Columns: named(tables.Int64, "id", "a", "b", "c")}}
	got := Joined(l, declared, named(tables.Bool, "d", "a", "c"))
	var names []string
	for _, c := range got.Columns {
		name := c.Name + " " + c.Type.String()
		if c.Told {
			name += " told"
		}
		names = append(names, name)
	}
	want := []string{"id int64 told", "a int64 told", "b string", "c int64 told", "extra string", "d bool told"}
	if !slices.Equal(names, want) || !slices.Equal(got.Key, []string{"id"}) {
		t.Errorf("joined are %q by %v, want %q", names, got.Key, want)
	}
	if again := Joined(l, got, nil); wire.Digest(again) != wire.Digest(got) {
		t.Error("who joins again has another definition")
	}
	declared.ColumnsFrom = tables.ColumnsDeclared
	if Joined(l, declared, nil) != declared {
		t.Error("a declared table is changed")
	}
	if len(declared.Columns) != 2 {
		t.Error("the declaration was changed")
	}
}
