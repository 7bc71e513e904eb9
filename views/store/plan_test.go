package store

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// TestPlans pins how rows are found: a change of it can make an answer a thousand
// times slower without making it wrong.
func TestPlans(t *testing.T) {
	table := ordersTable()
	table.Columns[ordersTotal].Index, table.Columns[ordersReference].Index = true, true
	s, err := New(Options{Table: table})
	if err != nil {
		t.Fatal(err)
	}
	const rows = 5000
	for id := range rows {
		row := orderRow(id, rows, 0)
		apply(t, s, Change{Offset: int64(id), Key: tables.EncodeKey(row[0]), Values: row}, nil)
	}
	seal(t, s, 1, rows)
	apply(t, s, Change{Offset: rows, Key: tables.EncodeKey(tables.Int64Value(3))}, nil)
	r := rand.New(rand.NewPCG(1, 1))
	customer := func() tables.Value { return tables.Int64Value(r.Int64N(rows / 50)) }
	equal := func(col int, v tables.Value) query.Expr { return query.Compare{Column: col, Value: v} }
	known := orderRow(7, rows, 0)
	for _, test := range []struct {
		query   query.Query
		plan    string
		maxRead int64
	}{
		{query.Query{Filter: equal(ordersID, tables.Int64Value(7))}, "lookup of 1 keys", 1},
		{query.Query{Filter: query.In{Column: ordersID, Values: []tables.Value{tables.Int64Value(7), tables.Int64Value(8)}}, Order: newest()}, "lookup of 2 keys", 2},
		{query.Query{Filter: equal(ordersCustomer, known[ordersCustomer]), Order: newest()}, "sort key: 1 spans of 54 rows, in order; delta: 1 entries", 70},
		{query.Query{Filter: query.In{Column: ordersCustomer, Values: []tables.Value{customer(), customer()}}, Order: newest()}, "sort key: 2 spans of 116 rows; delta: 1 entries", 117},
		{query.Query{}, "scan: 5000 rows, in order; delta: 1 entries", 1025},
		{query.Query{Order: newest()}, "scan: 5000 rows; delta: 1 entries", 5001},
		{query.Query{Filter: equal(ordersTotal, known[ordersTotal]), Order: newest()}, "index of total: 1 rows; delta: 1 entries", 2},
		{query.Query{Order: []query.Order{{Column: ordersTotal, Descending: true, NullsFirst: true}}}, "order by index of total; delta: 1 entries", 20},
		{query.Query{Filter: query.In{Column: ordersCustomer, Values: []tables.Value{customer(), customer()}}, Order: newest(), LimitBy: &query.LimitBy{Columns: []int{ordersCustomer}, N: 2}}, "sort key: 2 spans of 100 rows, in order; delta: 1 entries", 120},
		{query.Query{Filter: equal(ordersReference, known[ordersReference])}, "index of reference: 1 rows; delta: 1 entries", 2},
		{query.Query{Filter: query.Compare{Column: ordersTotal, Op: query.Gt, Value: tables.DecimalValue(tables.DecimalFromInt64(100))}, Order: newest()}, "scan: 5000 rows; delta: 1 entries", 5001},
	} {
		q := test.query
		q.Select, q.Limit = columnsOf(0), 5
		got, err := s.Snapshot().Query(context.Background(), &q)
		if err != nil {
			t.Fatal(err)
		}
		if got.Plan != test.plan || got.RowsRead > test.maxRead {
			t.Errorf("%+v: %q, %d rows read; want %q, at most %d", q, got.Plan, got.RowsRead, test.plan, test.maxRead)
		}
	}
}
