package codecs

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// benchRow is the row of benchValue.
func benchRow() (tables.Row, tables.Key) {
	id := tables.Int64Value(1234567)
	return tables.Row{
		Values: []tables.Value{
			id, tables.StringValue("shipped"), tables.DecimalValue(tables.DecimalFromInt64(12_345_678)),
			tables.Int64Value(88123), tables.TimestampValue(1_709_210_096_789_012), tables.StringValue("left at the door"),
		},
		Offset: 1204, Time: 1_795_328_240_450_799,
		Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 23_798_872, Epoch: 0xdeadbeef},
	}, tables.EncodeKey(id)
}

// BenchmarkStateRow measures what the write side does with each row beside decoding it.
func BenchmarkStateRow(b *testing.B) {
	row, key := benchRow()
	bytes := AppendStateRow(nil, 1, &row)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		b.ReportMetric(float64(len(bytes)), "bytes/row")
		var dst []byte
		for b.Loop() {
			dst = AppendStateRow(dst[:0], 1, &row)
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ParseStateRow(bytes); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("row", func(b *testing.B) {
		b.ReportAllocs()
		var values []tables.Value
		for b.Loop() {
			s, err := ParseStateRow(bytes)
			if err != nil {
				b.Fatal(err)
			}
			r, err := s.Row(values)
			if err != nil {
				b.Fatal(err)
			}
			values = r.Values
		}
	})
	b.Run("hash", func(b *testing.B) {
		s, err := ParseStateRow(bytes)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			RowHash(key, s.ValueBytes)
		}
	})
}

// BenchmarkWhere measures a condition of three terms.
func BenchmarkWhere(b *testing.B) {
	table := benchTable(b)
	table.Where = "status <> 'draft' AND total BETWEEN 0 AND 100000.005 AND note NOT LIKE '%test%'"
	keep, err := CompileWhere(table)
	if err != nil {
		b.Fatal(err)
	}
	row, _ := benchRow()
	b.ReportAllocs()
	for b.Loop() {
		if !keep(row.Values) {
			b.Fatal("the row is not selected")
		}
	}
}
