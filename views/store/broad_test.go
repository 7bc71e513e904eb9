package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// TestRowOfManyColumnsIsReadWhole has more columns than are read at a time, of every form,
// with nulls and unavailable values, in the base and in the delta.
func TestRowOfManyColumnsIsReadWhole(t *testing.T) {
	table := &tables.Table{Name: "broad", Key: []string{"c0"}}
	kinds := []string{"int64", "string", "decimal(30,2)", "uuid", "bool", "float64", "string", "timestamp"}
	for i := range 3*mvcc.RowColumns - 5 {
		typ, err := tables.ParseType(kinds[i%len(kinds)])
		if err != nil {
			t.Fatal(err)
		}
		table.Columns = append(table.Columns, tables.Column{Name: fmt.Sprintf("c%d", i), Type: typ})
	}
	s, err := New(Options{Table: table})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.layout.Tuning.FewTexts = 64
	const rows = 3 * column.BlockRows
	want := make([][]tables.Value, rows)
	for id := range want {
		want[id] = broadRow(table, id)
		apply(t, s, Change{Offset: int64(id), Key: tables.EncodeKey(want[id][0]), Values: want[id]}, nil)
	}
	compare := func(when string) {
		t.Helper()
		for id, row := range want {
			got, found := s.Snapshot().Lookup(tables.EncodeKey(row[0]), nil)
			if !found || !slices.Equal(got, row) {
				t.Fatalf("%s: row %d is %v, %v; it was written as %v", when, id, got, found, row)
			}
		}
	}
	compare("in the delta")
	if _, err := s.Seal(t.Context(), Cut{Batch: 1, Changelog: []int64{rows}, Unproven: true}); err != nil {
		t.Fatal(err)
	}
	compare("in the base")
	for col, c := range s.current.Load().Base.Cols[:2*len(kinds)] {
		if arena := c.Texts != nil; arena != (col%len(kinds) == 6) {
			t.Errorf("column %d of %s: arena %v", col, c.Type, arena)
		}
	}
}

func broadRow(table *tables.Table, id int) []tables.Value {
	var out []tables.Value
	for i, c := range table.Columns {
		x := int64(id*31 + i)
		switch {
		case i == 0:
			out = append(out, tables.Int64Value(int64(id)))
		case x%11 == 0:
			out = append(out, tables.Value{})
		case x%13 == 0:
			out = append(out, tables.UnavailableValue())
		case i%8 == 1:
			out = append(out, tables.StringValue(fmt.Sprint("state ", x%5)))
		case i%8 == 6:
			out = append(out, tables.StringValue(strings.Repeat("ü", id%7)+fmt.Sprint(x*7919)))
		default:
			out = append(out, valueOfX(c.Type, x))
		}
	}
	return out
}

func valueOfX(typ tables.Type, x int64) tables.Value {
	switch typ.Kind {
	case tables.DecimalKind:
		return tables.DecimalValue(tables.Decimal{Hi: x, Lo: uint64(x) << 40})
	case tables.UUID:
		return tables.UUIDValue([16]byte{1: byte(x), 9: byte(x >> 8)})
	case tables.Bool:
		return tables.BoolValue(x%2 == 0)
	case tables.Float64:
		return tables.Float64Value(float64(x) / 8)
	case tables.Timestamp:
		return tables.TimestampValue(x * 1e9)
	}
	return tables.Int64Value(x << 20)
}
