package filter

import (
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
)

// BenchmarkWhere measures a condition of three terms.
func BenchmarkWhere(b *testing.B) {
	table := codectest.EventTable(b)
	table.Where = "status <> 'draft' AND total BETWEEN 0 AND 100000.005 AND note NOT LIKE '%test%'"
	keep, err := Compile(table)
	if err != nil {
		b.Fatal(err)
	}
	row, _ := codectest.EventRow()
	b.ReportAllocs()
	for b.Loop() {
		if !keep(row.Values) {
			b.Fatal("the row is not selected")
		}
	}
}
