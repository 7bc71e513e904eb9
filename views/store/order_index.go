package store

import (
	"context"
	"math/bits"
	"sort"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
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
func (r *rows) inIndexOrder(ctx context.Context, wanted int, after *query.Bookmark) ([]entry, bool, error) {
	o := r.indexOrder(wanted, after)
	if o == nil {
		return nil, false, nil
	}
	sinks := collectings{rows: r, wanted: wanted, after: after}
	sinks.add()
	o.to = sinks.all[0]
	if err := r.scan.delta(ctx, o.to); err != nil {
		return nil, false, err
	}
	whole, err := o.read(ctx, after)
	if err != nil || !whole {
		return nil, false, err
	}
	r.scan.byOrder = true
	return sinks.sorted(), true, ctx.Err()
}

// indexOrder returns how the index serves the order, or nil where it does not, or where
// the rows that are looked for are expected to be too far apart.
func (r *rows) indexOrder(wanted int, after *query.Bookmark) *indexOrder {
	if len(r.order.terms) == 0 || wanted < 0 || wanted > maxHeap || r.scan.plan.byKey {
		return nil
	}
	base, t := r.order.v.base, r.order.terms[0]
	x := base.indexes[t.Column]
	if x == nil || !x.Column.Coded() || after != nil && after.Values[0].IsNull() {
		return nil
	}
	o := &indexOrder{rows: r, index: x, budget: base.rows/r.order.v.layout.tuning.jump + 1}
	matching := rowsOf(r.scan.plan.spans)
	if r.scan.plan.indexed {
		matching = len(r.scan.plan.rows)
		o.budget = min(o.budget, matching) // each of which is a jump, too
	}
	nulls := base.rows - x.Len()
	if expected := float64(wanted) * float64(base.rows) / float64(max(matching, 1)); expected > float64(o.budget) || nulls > o.budget {
		return nil
	}
	return o
}

// read reports whether it came to the end of what can be wanted.
func (o *indexOrder) read(ctx context.Context, after *query.Bookmark) (whole bool, err error) {
	t := o.order.terms[0]
	if t.NullsFirst && after == nil {
		if done, whole := o.nulls(); done {
			return whole, nil
		}
	}
	in := span{0, o.index.Len()}
	if after != nil {
		in = o.behind(after)
	}
	for n := range in.to - in.from {
		if n&(column.BlockRows-1) == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		at := in.from + n
		if t.Descending {
			at = in.to - 1 - n
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
func (o *indexOrder) behind(after *query.Bookmark) span {
	t, compare := o.order.terms[0], o.index.Column.Comparer(after.Values[0])
	n := o.index.Len()
	if t.Descending {
		return span{0, sort.Search(n, func(i int) bool { return compare(o.index.Row(i)) > 0 })}
	}
	return span{sort.Search(n, func(i int) bool { return compare(o.index.Row(i)) >= 0 }), n}
}

// row looks at one row. It is done when the row and all behind it come after everything
// that is wanted, and then whole; or when too many have been looked at.
func (o *indexOrder) row(row int) (done, whole bool) {
	r := ref(row)
	if worst := o.to.to.worst(); worst != nil && o.order.compareTerms(r, worst.ref, 0, 1) > 0 {
		return true, true
	}
	if o.budget--; o.budget < 0 {
		return true, false
	}
	o.scan.one(row, o.to)
	return false, false
}

// nulls looks at the rows that the index does not have.
func (o *indexOrder) nulls() (done, whole bool) {
	valid := o.index.Column.Valid
	if valid == nil {
		return false, false
	}
	base := o.order.v.base
	for w, word := range valid {
		if o.scan.over.asked() {
			return true, true // of nothing: the context tells
		}
		for absent := ^word; absent != 0; absent &= absent - 1 {
			row := w<<6 | bits.TrailingZeros64(absent)
			if row >= base.rows {
				return false, false
			}
			if done, whole := o.row(row); done {
				return done, whole
			}
		}
	}
	return false, false
}
