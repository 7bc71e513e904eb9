package api_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
)

func column(name, typ string) tables.Column {
	t, err := tables.ParseType(typ)
	if err != nil {
		panic(err)
	}
	return tables.Column{Name: name, Type: t}
}

// orders has a column of every type.
func orders(t testing.TB) *liveTable {
	l := newLive(t, &tables.Table{
		Name: "orders", Key: []string{"id"}, SortKey: []string{"customer_id", "created_at"}, Document: tables.DocumentKeep,
		Columns: []tables.Column{
			column("id", "int64"), column("status", "string"), column("total", "decimal(12,2)"), column("customer_id", "int64"),
			column("paid", "bool"), column("weight", "float64"), column("created_at", "timestamp"), column("day", "date"),
			column("at", "time"), column("ref", "uuid"), column("raw", "bytes"), column("extra", "json"),
		},
	})
	const ref = "9a3c1d2e-0f4b-4c5d-8e6f-7a8b9c0d1e2"
	l.put(t, tables.Position{1204, 998},
		[]any{1, "open", "12.50", 7, true, "1.5", "2026-11-22T10:15:00.123456Z", "2026-11-22", "10:15", ref + "1", "AAEC", `{"a":[1,2]}`},
		[]any{2, `say "hi", ok`, "-0.05", 7, false, "NaN", "2026-11-22T10:16:00Z", "2026-11-21", "00:00", ref + "2", "", `"x"`},
		[]any{3, "", nil, 8, nil, "Infinity", nil, nil, nil, nil, nil, nil},
		[]any{9223372036854775807, "größer\n", "9999999999.99", nil, true, "0.1", "infinity", "1969-12-31", "24:00", ref + "4", "/w==", "null"},
	)
	key := tables.EncodeKey(tables.Int64Value(1))
	l.documents[key] = `{"id": 1, "note": "as it came"}`
	l.asOf[17] = l.store.Snapshot()
	l.batches = []live.Batch{batch(17), batch(16)}
	l.writeBatch(t)
	return l
}

// writeBatch makes the file of the table's batch.
func (l *liveTable) writeBatch(t testing.TB) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, "17.parquet"), []byte("PAR1 0123456789 PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// prices has a key of two columns, of which one is text with anything in it.
func prices(t testing.TB) *liveTable {
	l := newLive(t, &tables.Table{
		Name: "prices", Key: []string{"sku", "region"},
		Columns: []tables.Column{column("sku", "string"), column("region", "string"), column("price", "decimal(10,3)")},
	})
	l.put(t, tables.Position{5},
		[]any{"42", "eu", "1.000"}, []any{"a,b", "eu", "2.000"}, []any{"a/b c%", "us", "3.000"}, []any{"", "eu", "4.000"}, []any{"x", nil, "5.000"})
	l.writeBatch(t)
	return l
}

// numbers is the table of the black-box filters: 203 rows whose columns repeat in
// periods that have no common divisor.
func numbers(t testing.TB) *liveTable {
	l := newLive(t, &tables.Table{
		Name: "t", Key: []string{"id"}, SortKey: []string{"v", "n"},
		Columns: []tables.Column{column("id", "int64"), column("v", "string"), column("n", "int64"), column("s", "string")},
	})
	var rows [][]any
	for i := range 301 {
		row := []any{i, fmt.Sprintf("v%d", i%7), i * 37 % 101, fmt.Sprintf("s%d", i)}
		if i%5 == 0 {
			row[3] = nil
		}
		rows = append(rows, row)
	}
	l.put(t, tables.Position{301}, rows...)
	return l
}
