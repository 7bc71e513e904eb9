package aggregate

import (
	"fmt"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

func TestOneAggregateUnderManyNamesHasOneAccumulator(t *testing.T) {
	integer := tables.Type{Kind: tables.Int64}
	l, err := mvcc.NewLayout(&tables.Table{
		Name: "accounts", Key: []string{"id"}, Columns: []tables.Column{{Name: "id", Type: integer}, {Name: "branch", Type: integer}, {Name: "amount", Type: integer}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var outputs []query.Output
	for i := range 500 {
		outputs = append(outputs, query.Output{Name: fmt.Sprintf("a%d", i), Column: 2, Aggregate: query.CountDistinct},
			query.Output{Name: fmt.Sprintf("b%d", i), Column: 1})
	}
	g := newGrouping(&mvcc.Version{Generation: mvcc.NewGeneration(mvcc.EmptyBase(l))}, outputs)
	if len(g.acc) != 1 || len(g.by) != 1 {
		t.Fatalf("%d aggregates, %d columns of groups", len(g.acc), len(g.by))
	}
}
