package wire

import (
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// BenchmarkStateRow measures what the write side does with each row beside decoding it.
func BenchmarkStateRow(b *testing.B) {
	row, key := codectest.EventRow()
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
