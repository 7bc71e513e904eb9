package store

import (
	"cmp"
	"fmt"
	"math"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// ordering compares the rows of one version in a query's order, ties by key.
type ordering struct {
	v     *version
	terms []query.Order
}

// orderOf returns a query's order: the sort key's without one.
func (l *layout) orderOf(q *query.Query) ([]query.Order, error) {
	if len(q.Order) == 0 {
		out := make([]query.Order, l.sortOnly)
		for i := range out {
			out[i] = query.Order{Column: l.sort[i]}
		}
		return out, nil
	}
	for _, o := range q.Order {
		if err := l.column(o.Column); err != nil {
			return nil, fmt.Errorf("order: %w", err)
		}
	}
	return q.Order, nil
}

// entry is a row with as much of its first term as an int64 holds.
type entry struct {
	first int64
	rank  uint8 // 1 where the first term's nulls stand apart and behind
	ref   ref
}

// entry returns the entry of a row.
func (o *ordering) entry(r ref) entry {
	if len(o.terms) == 0 {
		return entry{ref: r}
	}
	t := o.terms[0]
	if o.v.isNull(r, t.Column) {
		return entry{rank: btou(!t.NullsFirst), ref: r}
	}
	e := entry{rank: btou(t.NullsFirst), first: o.v.prefix(r, t.Column), ref: r}
	if t.Descending {
		e.first = ^e.first
	}
	return e
}

func btou(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// compare orders two entries. It is 0 for a row and itself only.
func (o *ordering) compare(a, b *entry) int {
	if a.rank != b.rank {
		return cmp.Compare(a.rank, b.rank)
	}
	if a.first != b.first {
		return cmp.Compare(a.first, b.first)
	}
	if c := o.compareTerms(a.ref, b.ref, 0, len(o.terms)); c != 0 {
		return c
	}
	return o.v.compareKeys(a.ref, b.ref)
}

// compareTerms orders two rows by the terms from from to to.
func (o *ordering) compareTerms(a, b ref, from, to int) int {
	for _, t := range o.terms[from:to] {
		an, bn := o.v.isNull(a, t.Column), o.v.isNull(b, t.Column)
		if an || bn {
			if c := cmp.Compare(btou(an), btou(bn)); c != 0 {
				if t.NullsFirst {
					return -c
				}
				return c
			}
			continue
		}
		if c := o.v.compareColumn(a, b, t.Column); c != 0 {
			if t.Descending {
				return -c
			}
			return c
		}
	}
	return 0
}

// compareBookmark orders a row against the place of a bookmark.
func (o *ordering) compareBookmark(r ref, b *query.Bookmark) int {
	for i, t := range o.terms {
		c := compareTerm(t, o.v.value(r, t.Column), b.Values[i])
		if c != 0 {
			return c
		}
	}
	var buf [64]byte
	key := o.v.appendKey(buf[:0], r)
	return column.CompareText(string(key), string(b.Key))
}

// compareTerm orders two values by one term.
func compareTerm(t query.Order, a, b tables.Value) int {
	if an, bn := a.IsNull(), b.IsNull(); an || bn {
		c := cmp.Compare(btou(an), btou(bn))
		if t.NullsFirst {
			return -c
		}
		return c
	}
	c := tables.Compare(a, b)
	if t.Descending {
		return -c
	}
	return c
}

func (o *ordering) bookmark(r ref) *query.Bookmark {
	b := &query.Bookmark{Values: make([]tables.Value, len(o.terms))}
	for i, t := range o.terms {
		b.Values[i] = o.v.value(r, t.Column)
	}
	b.Key = tables.Key(o.v.appendKey(nil, r))
	return b
}

// checkBookmark returns an error when a bookmark does not belong to the order.
func (o *ordering) checkBookmark(b *query.Bookmark) error {
	if len(b.Values) != len(o.terms) {
		return fmt.Errorf("bookmark has %d values, the order %d", len(b.Values), len(o.terms))
	}
	for i, t := range o.terms {
		if v := b.Values[i]; !v.IsNull() && v.Kind() != o.v.layout.types[t.Column].Kind {
			return fmt.Errorf("bookmark: value %d is of type %s, its column %s", i+1, v.Kind(), o.v.layout.types[t.Column])
		}
	}
	return nil
}

func (v *version) isNull(r ref, col int) bool {
	if !r.inDelta() {
		return v.base.cols[col].IsNull(r.row())
	}
	c, i := at(v.chunks, r.row())
	return c.cols[col].States[i] != column.Present
}

// prefix returns an int64 that orders a column's present values as far as it goes.
func (v *version) prefix(r ref, col int) int64 {
	switch v.layout.forms[col] {
	case column.FormInt:
		return v.int(r, col)
	case column.FormWide:
		return v.wide(r, col).Hi
	}
	return column.TextPrefix(v.text(r, col))
}

// int returns the int64 of a formInt value, the zeros of floats made equal.
func (v *version) int(r ref, col int) int64 {
	var x int64
	if r.inDelta() {
		c, i := at(v.chunks, r.row())
		x = int64(c.cols[col].Ints[i])
	} else {
		x = v.base.cols[col].Ints.At(r.row())
	}
	if x == column.NegativeZero && v.layout.types[col].Kind == tables.Float64 {
		return 0
	}
	return x
}

func (v *version) wide(r ref, col int) column.Wide {
	if r.inDelta() {
		c, i := at(v.chunks, r.row())
		return c.cols[col].Wide(i)
	}
	return v.base.cols[col].Wide(r.row())
}

func (v *version) text(r ref, col int) string {
	if r.inDelta() {
		c, i := at(v.chunks, r.row())
		return c.cols[col].Text(i)
	}
	return v.base.cols[col].Text(r.row())
}

// compareColumn orders two present values of a column.
func (v *version) compareColumn(a, b ref, col int) int {
	switch v.layout.forms[col] {
	case column.FormInt:
		return cmp.Compare(v.int(a, col), v.int(b, col))
	case column.FormWide:
		return v.wide(a, col).Compare(v.wide(b, col))
	}
	if c := &v.base.cols[col]; c.Dict != nil && !a.inDelta() && !b.inDelta() {
		return cmp.Compare(c.Ints.Delta(a.row()), c.Ints.Delta(b.row()))
	}
	return column.CompareText(v.text(a, col), v.text(b, col))
}

// compareKeys orders two rows by their keys.
func (v *version) compareKeys(a, b ref) int { return v.compareColumns(v.layout.key, a, b) }

// compareColumns orders two rows like the canonical forms of some of their columns:
// nulls first.
func (v *version) compareColumns(cols []int, a, b ref) int {
	for _, col := range cols {
		an, bn := v.isNull(a, col), v.isNull(b, col)
		if an || bn {
			if c := cmp.Compare(btou(bn), btou(an)); c != 0 {
				return c
			}
			continue
		}
		if c := v.compareColumn(a, b, col); c != 0 {
			return c
		}
	}
	return 0
}

// within returns the range of the int64s or codes of the first term's column in the
// base that can still come before or at e. Nulls are not looked at.
func (o *ordering) within(e *entry) (intRange, bool) {
	if len(o.terms) == 0 {
		return intRange{}, false
	}
	t := o.terms[0]
	col := &o.v.base.cols[t.Column]
	if e.rank != btou(t.NullsFirst) || !col.Coded() { // e is null: every value is before it, or none
		return intRange{}, false
	}
	if col.Dict != nil {
		op := query.Lte
		if t.Descending {
			op = query.Gte
		}
		return dictionaryRange(col.Dict, textOrder{op, o.v.text(e.ref, t.Column)}), true
	}
	return o.upTo(e), true
}

// upTo returns the int64s of the first term's column that come before or at e, which is
// not null.
func (o *ordering) upTo(e *entry) intRange {
	t := o.terms[0]
	low, high := int64(math.MinInt64), e.first
	if t.Descending {
		low, high = ^e.first, math.MaxInt64
	}
	if low == 0 && o.v.layout.types[t.Column].Kind == tables.Float64 {
		low = column.NegativeZero
	}
	return intRange{low, high}
}
