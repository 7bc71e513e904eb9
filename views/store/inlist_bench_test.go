package store

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/views/query"
)

// BenchmarkInList counts the rows that lists of values hold: of the key, the sort key, a
// column of few values that is scanned, and one of many.
func BenchmarkInList(b *testing.B) {
	t := benchOnce()
	for _, col := range []int{ordersID, ordersCustomer, ordersCity, ordersReference} {
		for _, n := range []int{100, 5000} {
			b.Run(fmt.Sprintf("%s/%d", t.store.Snapshot().Table().Columns[col].Name, n), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 2))
				in := query.In{Column: col}
				for range n {
					in.Values = append(in.Values, orderRow(r.IntN(t.rows), t.rows, 0)[col])
				}
				q := query.Query{Select: []query.Output{{Column: -1, Aggregate: query.Count}, {Column: ordersTotal, Aggregate: query.Sum}}, Filter: in, Limit: 1}
				var rows int64
				for b.Loop() {
					rows = t.run(b, &q).Value(0, 0).Int()
				}
				if rows == 0 && col != ordersReference && col != ordersID {
					b.Error("no row was found")
				}
				b.ReportMetric(float64(rows), "rows")
			})
		}
	}
}
