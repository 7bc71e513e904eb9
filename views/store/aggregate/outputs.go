package aggregate

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// newAccumulator returns that of an output, over groups of the given sizes.
func newAccumulator(v *mvcc.Version, of *sizes, o query.Output) accumulator {
	n := nulls{of: of, col: o.Column}
	if o.Column < 0 {
		return &counts{n}
	}
	form, kind := v.Layout.Forms[o.Column], v.Layout.Types[o.Column].Kind
	switch o.Aggregate {
	case query.Sum, query.Avg:
		if kind == tables.Float64 {
			return &floatSums{nulls: n, average: o.Aggregate == query.Avg}
		}
		return &sums{
			nulls: n, name: v.Layout.Table.Columns[o.Column].Name, wide: form == column.FormWide,
			in: v.Layout.Types[o.Column], out: o.Type, average: o.Aggregate == query.Avg,
		}
	case query.Min, query.Max:
		e := &extremes{v: v, order: mvcc.Ordering{Version: v, Terms: []query.Order{{Column: o.Column, Descending: o.Aggregate == query.Max}}}}
		e.fast = form == column.FormInt && kind != tables.Float64
		return e
	case query.CountDistinct:
		return newDistinct(v, o.Column)
	}
	return &counts{n}
}

// distinctAggregates returns the aggregates without repetitions, and for each output which of
// them it is: one that is asked for under many names is worked out once.
func distinctAggregates(outputs []query.Output) (all []query.Output, places []int) {
	type aggregate struct {
		column   int
		function query.Aggregate
	}
	at := make(map[aggregate]int, len(outputs))
	places = make([]int, len(outputs))
	for i, o := range outputs {
		if o.Aggregate == query.AggregateNone {
			continue
		}
		name := aggregate{o.Column, o.Aggregate}
		place, ok := at[name]
		if !ok {
			place = len(all)
			at[name], all = place, append(all, o)
		}
		places[i] = place
	}
	return all, places
}
