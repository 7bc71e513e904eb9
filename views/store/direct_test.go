package store

import (
	"context"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// TestDirectGroupsAreThoseOfTheGeneralWay asks a base without a delta and without nulls, so that every
// group is found by its value alone, over values of every width.
func TestDirectGroupsAreThoseOfTheGeneralWay(t *testing.T) {
	table := ordersTable()
	s, err := New(Options{Table: table})
	if err != nil {
		t.Fatal(err)
	}
	const rows = 7000
	m := &model{table: table, rows: map[tables.Key][]tables.Value{}}
	for id := range rows {
		row := orderRow(id, rows, 0)
		c := Change{Offset: int64(id), Key: tables.EncodeKey(row[0]), Values: row}
		apply(t, s, c, nil)
		m.apply(c)
	}
	seal(t, s, 1, rows)
	for _, by := range []int{-1, ordersStatus, ordersPaid, ordersCity, ordersQuantity, ordersCustomer} {
		for _, of := range []int{-1, ordersID, ordersTotal, ordersQuantity} {
			q := &query.Query{Limit: -1, Select: []query.Output{{Column: -1, Aggregate: query.Count}}}
			if of >= 0 {
				q.Select = append(q.Select, query.Output{Column: of, Aggregate: query.Sum}, query.Output{Column: of, Aggregate: query.Avg})
			}
			if by >= 0 {
				q.Select = append(q.Select, query.Output{Column: by})
			}
			want, _ := m.query(q)
			got, err := s.Snapshot().Query(context.Background(), q)
			if err != nil || got.Len() != len(want) {
				t.Fatalf("by %d of %d: %d groups, %v; want %d", by, of, got.Len(), err, len(want))
			}
			for i, w := range want {
				var values []tables.Value
				for c := range q.Select {
					values = append(values, got.Value(i, c))
				}
				if d := diff(values, w.values); d != "" {
					t.Errorf("by %d of %d, row %d: %s", by, of, i, d)
				}
			}
		}
	}
}
