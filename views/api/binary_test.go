package api_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

func TestArrowAndParquetHoldEveryType(t *testing.T) {
	w := newWorld(t, nil, orders(t))
	for name, read := range map[string]func(*testing.T, string) arrow.RecordBatch{"arrow": readArrow, "parquet": readParquet} {
		t.Run(name, func(t *testing.T) {
			rec := read(t, w.get(200, "/v1/tables/orders/rows."+name+"?order=id&document=true"))
			if rec.NumRows() != 4 || rec.NumCols() != 13 {
				t.Fatalf("%d rows, %d columns", rec.NumRows(), rec.NumCols())
			}
			want := map[string][]string{
				"id": {"1", "2", "3", "9223372036854775807"}, "status": {"open", `say "hi", ok`, "", "größer\n"},
				"total": {"12.50", "-0.05", array.NullValueStr, "9999999999.99"}, "paid": {"true", "false", array.NullValueStr, "true"},
				"created_at": {"2026-11-22T10:15:00.123456Z", "2026-11-22T10:16:00.000000Z", array.NullValueStr},
				"day":        {"2026-11-22", "2026-11-21", array.NullValueStr, "1969-12-31"},
				"ref":        {"9a3c1d2e-0f4b-4c5d-8e6f-7a8b9c0d1e21"}, "extra": {`{"a":[1,2]}`, `"x"`, array.NullValueStr, "null"},
				"document": {`{"id": 1, "note": "as it came"}`, array.NullValueStr},
			}
			for col, values := range want {
				got := rec.Column(rec.Schema().FieldIndices(col)[0])
				for i, v := range values {
					if text(got, i) != v {
						t.Errorf("%s[%d] is %q, want %q", col, i, text(got, i), v)
					}
				}
			}
		})
	}
}

func text(a arrow.Array, i int) string {
	if d, ok := a.(*array.Decimal128); ok && a.IsValid(i) {
		return d.Value(i).ToString(d.DataType().(*arrow.Decimal128Type).Scale)
	}
	if ts, ok := a.(*array.Timestamp); ok && a.IsValid(i) {
		return ts.Value(i).ToTime(arrow.Microsecond).UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	return a.ValueStr(i)
}

func readArrow(t *testing.T, body string) arrow.RecordBatch {
	t.Helper()
	r, err := ipc.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if !r.Next() {
		t.Fatalf("no record: %v", r.Err())
	}
	rec := r.RecordBatch()
	rec.Retain()
	return rec
}

func readParquet(t *testing.T, body string) arrow.RecordBatch {
	t.Helper()
	f, err := file.NewParquetReader(bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{BatchSize: 100}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	tb, err := r.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	tr := array.NewTableReader(tb, 100)
	if !tr.Next() {
		t.Fatal("no record")
	}
	return tr.RecordBatch()
}
