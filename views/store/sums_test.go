package store

import (
	"context"
	"math"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// Values of the base that are small by themselves come on top of what the delta has,
// which can be as large as an int64.
func TestSumsOfLargeValuesInTheDeltaAndSmallOnesInTheBase(t *testing.T) {
	table := &tables.Table{
		Name: "t", Key: []string{"id"},
		Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "n", Type: tables.Type{Kind: tables.Int64}}},
	}
	s, err := New(Options{Table: table})
	if err != nil {
		t.Fatal(err)
	}
	put := func(id, n int64) {
		row := []tables.Value{tables.Int64Value(id), tables.Int64Value(n)}
		apply(t, s, Change{Offset: id, Key: tables.EncodeKey(row[0]), Values: row}, nil)
	}
	for id := range int64(column.BlockRows) {
		put(id, 1+id%2)
	}
	seal(t, s, 1, column.BlockRows)
	put(column.BlockRows, math.MaxInt64-1)
	q := &query.Query{Limit: -1, Select: []query.Output{{Column: 1, Aggregate: query.Sum}, {Column: 0, Aggregate: query.Min}}}
	got, err := s.Snapshot().Query(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := tables.DecimalFromInt64(math.MaxInt64 - 1).Add(tables.DecimalFromInt64(column.BlockRows * 3 / 2))
	if sum := got.Value(0, 0).Decimal(); sum != want {
		t.Errorf("the sum is %v, want %v", sum, want)
	}
}
