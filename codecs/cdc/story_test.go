package cdc

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// ownRecords reads an event file of testdata.
func ownRecords(t testing.TB, name string) []*codecs.Record {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []*codecs.Record
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var c captured
		if err := json.Unmarshal(in.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c.record(t))
	}
	return out
}

func ordersTable(t testing.TB, format tables.Format) *tables.Table {
	table := codectest.Table(format, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "status", "string"), codectest.Column(t, "total", "decimal(14,2)", "decimal_base64"),
		codectest.Column(t, "note", "string"), codectest.Column(t, "city", "string", "address.city"), codectest.Column(t, "created_at", "timestamp", "epoch_us"), codectest.Column(t, "tags", "json"))
	table.Document = tables.DocumentKeep
	return table
}

func orderRow(id, status, total, note, city string) map[string]string {
	return map[string]string{"id": id, "status": status, "total": total, "note": note, "city": city, "created_at": `"2026-05-28T20:10:00.123456Z"`, "tags": `["a","b"]`}
}

func expectRows(t *testing.T, f *folded, want map[string]map[string]string) {
	t.Helper()
	got := f.json(t)
	for id, w := range want {
		if !maps.Equal(got[id], w) {
			t.Errorf("row %s is\n%v\nwant\n%v", id, got[id], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

func TestAStoryOfEnvelopes(t *testing.T) {
	f := fold(t, ordersTable(t, tables.DebeziumJSON), ownRecords(t, "orders.ndjson"))
	expectRows(t, f, map[string]map[string]string{
		"1":  orderRow("1", `"incremental"`, "1.05", `"n1"`, `"Oslo"`),
		"3":  orderRow("3", `"again"`, "0.01", `"re-inserted"`, `"Oslo"`),
		"4":  orderRow("4", `"new"`, "-1234.11", "\"emoji 😀 \\\"quoted\\\" \\\\ \u2028\"", `"São Paulo"`),
		"5":  orderRow("5", `"with schema"`, "5.50", `"n5"`, `"Oslo"`),
		"20": orderRow("20", `"moved"`, "2.05", `"n2"`, `"Oslo"`),
	})
	expectSkips(t, f, map[string]int{SkipNoRow: 1, SkipUnknownOp: 1, SkipHeartbeat: 1, SkipTransaction: 1})
	if len(f.bad) != 1 || f.bad[0].(*codecs.Error).Field != "key" {
		t.Error(f.bad)
	}
}

func TestAStoryOfFlattenedRows(t *testing.T) {
	f := fold(t, ordersTable(t, tables.FlattenedJSON), ownRecords(t, "flattened.ndjson"))
	expectRows(t, f, map[string]map[string]string{"20": orderRow("20", `"moved"`, "2.05", `"n2"`, `"Oslo"`)})
	if len(f.bad) != 1 || f.bad[0].(*codecs.Error).Field != "key.id" {
		t.Error(f.bad)
	}
}
