package store

import (
	"fmt"
	"testing"

	"github.com/tidemark/tidemark/views/query"
)

func TestOneAggregateUnderManyNamesIsWorkedOutOnce(t *testing.T) {
	s := newAccounts(t, 100)
	var outputs []query.Output
	for i := range 500 {
		outputs = append(outputs, query.Output{Name: fmt.Sprintf("a%d", i), Column: 2, Aggregate: query.CountDistinct},
			query.Output{Name: fmt.Sprintf("b%d", i), Column: 1})
	}
	r, err := s.Snapshot().Query(t.Context(), &query.Query{Select: outputs, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for row := range r.Len() {
		for i := range outputs {
			if r.Value(row, i) != r.Value(row, i%2) {
				t.Fatalf("row %d: %s differs", row, outputs[i].Name)
			}
		}
	}
}
