package paging

import (
	"context"
	"math/bits"
	"sort"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
)

// indexOrder reads the rows of a base in the order of one column's values, by its index,
// until no later row can be wanted.
type indexOrder struct {
	*rows
	index  *column.ValueIndex
	to     *collecting
	budget int // rows that may still be looked at
}

// inIndexOrder returns the first rows of an order whose first column has an index. It
// reports false when that would take longer than to look at all rows, or has turned out to.
func (r *rows) inIndexOrder(ctx context.Context, wanted int, after *query.Bookmark) ([]mvcc.Entry, bool, error) {
	o := r.indexOrder(wanted, after)
	if o == nil {
		return nil, false, nil
	}
	sinks := collectings{rows: r, wanted: wanted, after: after}
	sinks.add()
	o.to = sinks.all[0]
	if err := r.scan.Delta(ctx, o.to); err != nil {
		return nil, false, err
	}
	whole, err := o.read(ctx, after)
	if err != nil || !whole {
		return nil, false, err
	}
	r.scan.ByOrder = true
	return sinks.sorted(), true, ctx.Err()
}

// indexOrder returns how the index serves the order, or nil where it does not, or where
// the rows that are looked for are expected to be too far apart.
func (r *rows) indexOrder(wanted int, after *query.Bookmark) *indexOrder {
	if len(r.order.Terms) == 0 || wanted < 0 || wanted > MaxHeap || r.scan.Plan.ByKey {
		return nil
	}
	base, t := r.order.Version.Base, r.order.Terms[0]
	x := base.Indexes[t.Column]
	if x == nil || !x.Column.Coded() || after != nil && after.Values[0].IsNull() {
		return nil
	}
	o := &indexOrder{rows: r, index: x, budget: base.Rows/r.order.Version.Layout.Tuning.Jump + 1}
	matching := scan.RowsOf(r.scan.Plan.Spans)
	if r.scan.Plan.Indexed {
		matching = len(r.scan.Plan.Rows)
		o.budget = min(o.budget, matching) // each of which is a jump, too
	}
	nulls := base.Rows - x.Len()
	if expected := float64(wanted) * float64(base.Rows) / float64(max(matching, 1)); expected > float64(o.budget) || nulls > o.budget {
		return nil
	}
	return o
}

// read reports whether it came to the end of what can be wanted.
func (o *indexOrder) read(ctx context.Context, after *query.Bookmark) (whole bool, err error) {
	t := o.order.Terms[0]
	if t.NullsFirst && after == nil {
		if done, whole := o.nulls(); done {
			return whole, nil
		}
	}
	in := scan.Span{From: 0, To: o.index.Len()}
	if after != nil {
		in = o.behind(after)
	}
	for n := range in.To - in.From {
		if n&(column.BlockRows-1) == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		at := in.From + n
		if t.Descending {
			at = in.To - 1 - n
		}
		if done, whole := o.row(o.index.Row(at)); done {
			return whole, nil
		}
	}
	if !t.NullsFirst {
		if done, whole := o.nulls(); done {
			return whole, nil
		}
	}
	return true, nil
}

// behind returns the part of the index that a bookmark leaves; rows that tie with it in
// the first term are in it.
func (o *indexOrder) behind(after *query.Bookmark) scan.Span {
	t, compare := o.order.Terms[0], o.index.Column.Comparer(after.Values[0])
	n := o.index.Len()
	if t.Descending {
		return scan.Span{From: 0, To: sort.Search(n, func(i int) bool { return compare(o.index.Row(i)) > 0 })}
	}
	return scan.Span{From: sort.Search(n, func(i int) bool { return compare(o.index.Row(i)) >= 0 }), To: n}
}

// row looks at one row. It is done when the row and all behind it come after everything
// that is wanted, and then whole; or when too many have been looked at.
func (o *indexOrder) row(row int) (done, whole bool) {
	r := mvcc.Ref(row)
	if worst := o.to.to.worst(); worst != nil && o.order.CompareTerms(r, worst.Ref, 0, 1) > 0 {
		return true, true
	}
	if o.budget--; o.budget < 0 {
		return true, false
	}
	o.scan.One(row, o.to)
	return false, false
}

// nulls looks at the rows that the index does not have.
func (o *indexOrder) nulls() (done, whole bool) {
	valid := o.index.Column.Valid
	if valid == nil {
		return false, false
	}
	base := o.order.Version.Base
	for w, word := range valid {
		if o.scan.Over.Asked() {
			return true, true // of nothing: the context says so
		}
		for absent := ^word; absent != 0; absent &= absent - 1 {
			row := w<<6 | bits.TrailingZeros64(absent)
			if row >= base.Rows {
				return false, false
			}
			if done, whole := o.row(row); done {
				return done, whole
			}
		}
	}
	return false, false
}
