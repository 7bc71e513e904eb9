package codecs

import (
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// benchRow is the row of benchValue.
func benchRow(b *testing.B) (tables.Row, tables.Key) {
	b.Helper()
	d, err := NewDecoder(benchTable(b), Options{})
	if err != nil {
		b.Fatal(err)
	}
	var c tables.Change
	if err := d.Decode(&Record{Key: []byte(codectest.EventKey), Value: []byte(codectest.EventValue), Time: time.UnixMilli(1)}, &c); err != nil {
		b.Fatal(err)
	}
	return tables.Row{Values: c.Values, Offset: 1204, Time: c.Time, Source: c.Source}, c.Key
}

// BenchmarkStateRow measures what the write side does with each row beside decoding it.
func BenchmarkStateRow(b *testing.B) {
	row, key := benchRow(b)
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
	row, _ := benchRow(b)
	b.ReportAllocs()
	for b.Loop() {
		if !keep(row.Values) {
			b.Fatal("the row is not selected")
		}
	}
}
