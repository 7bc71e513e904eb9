package store

import (
	"context"
	"flag"
	"fmt"
	"math"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

var rewrite = flag.Bool("rewrite", false, "write testdata anew")

// goldenRows are values of every type, with null, unavailable and the ends of ranges.
func goldenRows() (*tables.Table, [][]tables.Value) {
	t := &tables.Table{Name: "golden", Key: []string{"c0"}, SortKey: []string{"c1"}}
	for i, k := range diceKinds {
		typ, err := tables.ParseType(k)
		if err != nil {
			panic(err)
		}
		t.Columns = append(t.Columns, tables.Column{Name: fmt.Sprintf("c%d", i), Type: typ})
	}
	row := func(id int64, text string, day, instant int64, d tables.Decimal, f float64) []tables.Value {
		return []tables.Value{
			tables.Int64Value(id), tables.StringValue(text), tables.DecimalValue(tables.DecimalFromInt64(id * 25)), tables.DecimalValue(d),
			tables.Float64Value(f), tables.BoolValue(id%2 == 0), tables.TimestampValue(instant), tables.DateValue(day), tables.TimeValue(id * 1_000_000),
			tables.UUIDValue([16]byte{byte(id), 15: 0xff}), tables.BytesValue("\x00\xff" + text), tables.JSONValue(`{"n":1}`),
			tables.StringValue(text + text), tables.Int64Value(-id),
		}
	}
	rows := [][]tables.Value{
		row(1, "b", tables.DateInfinity, tables.TimestampInfinity, tables.Decimal{Hi: 5, Lo: 7}, math.NaN()),
		row(2, "", tables.DateNegInfinity, tables.TimestampNegInfinity, tables.Decimal{Hi: -5, Lo: 7}, math.Inf(-1)),
		row(3, "ü", math.MaxInt32+10, -1, tables.Decimal{}, math.Copysign(0, -1)),
		row(math.MaxInt64/25, "a", 20_000, 1_700_000_000_000_001, tables.DecimalFromInt64(-1), 0.1),
	}
	for i := 1; i < len(t.Columns); i++ {
		absent := row(int64(10+i), "c", 1, 1, tables.Decimal{}, 1)
		absent[i] = tables.Value{}
		if i%2 == 0 {
			absent[i] = tables.UnavailableValue()
		}
		rows = append(rows, absent)
	}
	return t, rows
}

// TestGoldenBatchFile reads a file of version 1: later ones must continue reading it.
func TestGoldenBatchFile(t *testing.T) {
	table, rows := goldenRows()
	s, err := New(Options{Table: table})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		apply(t, s, Change{Offset: int64(i), Key: tables.EncodeKey(row[0]), Values: row}, nil)
	}
	want := seal(t, s, 1, int64(len(rows)))
	if *rewrite {
		if _, err := WriteBatch(context.Background(), "testdata", want); err != nil {
			t.Fatal(err)
		}
	}
	got, err := OpenBatch(context.Background(), "testdata", 1, table)
	if err != nil {
		t.Fatal(err)
	}
	if got.Checksum != want.Checksum || got.Rows != want.Rows {
		t.Fatalf("%d rows with checksum %x, want %d with %x", got.Rows, got.Checksum, want.Rows, want.Checksum)
	}
	for _, row := range rows {
		values, ok := got.Snapshot().Lookup(tables.EncodeKey(row[0]), nil)
		if !ok {
			t.Fatalf("no row with key %v", row[0])
		}
		for i := range row {
			if values[i] != row[i] {
				t.Errorf("key %v, column %s: %v, want %v", row[0].Int(), table.Columns[i].Name, values[i], row[i])
			}
		}
	}
}
