package paging

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
	"github.com/tidemark/tidemark/views/store/stop"
)

// versionOf returns a version whose delta has n rows, of an id and an amount.
func versionOf(t *testing.T, n int) *mvcc.Version {
	t.Helper()
	integer := tables.Type{Kind: tables.Int64}
	l, err := mvcc.NewLayout(&tables.Table{
		Name: "accounts", Key: []string{"id"}, Columns: []tables.Column{{Name: "id", Type: integer}, {Name: "amount", Type: integer}},
	})
	if err != nil {
		t.Fatal(err)
	}
	v := &mvcc.Version{Generation: mvcc.NewGeneration(mvcc.EmptyBase(l))}
	w := mvcc.NewWriter(v, 1)
	for id := range n {
		row := []tables.Value{tables.Int64Value(int64(id)), tables.Int64Value(10)}
		w.Apply(&mvcc.Change{Offset: int64(id), Key: tables.EncodeKey(row[0]), Values: row})
	}
	v.Clock = 1
	v.See()
	return v
}

func TestRunsOfAQueryThatIsOverAreNotMerged(t *testing.T) {
	ended := make(chan struct{})
	close(ended)
	r := &runs{order: mvcc.NewOrdering(versionOf(t, 5000), []query.Order{{Column: 1}}), over: ended}
	for i := range 5000 {
		r.add(r.order.Entry(mvcc.RefOf(0, i, true)))
	}
	if got := r.merged(0, -1); len(got) > stop.Step {
		t.Errorf("%d entries were merged", len(got))
	}
}

func TestFarOffsetsHoldTheRowsOfTheirPageOnly(t *testing.T) {
	const n = MaxHeap + 40_000
	outputs := []query.Output{{Column: 0}}
	q := &query.Query{Select: outputs, Order: []query.Order{{Column: 0, Descending: true}}, Offset: n - 7, Limit: 5}
	p, err := Query(t.Context(), scan.Reading{Version: versionOf(t, n), Cores: 1}, q, outputs)
	if err != nil {
		t.Fatal(err)
	}
	if p.Len() != 5 || !p.More || cap(p.refs) > 16 {
		t.Fatalf("%d rows in memory of %d, more %v", p.Len(), cap(p.refs), p.More)
	}
	for i := range p.Len() {
		if got := p.Value(i, 0).Int(); got != int64(6-i) {
			t.Errorf("row %d is %d", i, got)
		}
	}
}
