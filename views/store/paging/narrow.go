package paging

import (
	"math"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/filter"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// mayHave reports whether a block of the base can have rows that come before the last one kept:
// the zones say.
func mayHave(o *mvcc.Ordering, worst *mvcc.Entry, block int) bool {
	in, ok := upTo(o, worst)
	if !ok {
		return true
	}
	t := o.Terms[0]
	col := &o.Version.Base.Cols[t.Column]
	if col.Zones == nil || col.Valid != nil && t.NullsFirst {
		return true
	}
	low, high := max(in.Low, col.Ints.Low), min(in.High, col.Ints.High())
	if low > high {
		return false
	}
	none, _ := col.Zones[block].Within(uint64(low)-uint64(col.Ints.Low), uint64(high)-uint64(col.Ints.Low))
	return !none
}

// narrow takes the rows that cannot come before the last one kept out of m.
func narrow(o *mvcc.Ordering, worst *mvcc.Entry, block int, m *column.Mask) {
	in, ok := upTo(o, worst)
	if !ok {
		return
	}
	t := o.Terms[0]
	col := &o.Version.Base.Cols[t.Column]
	filter.Within(col, in, t.NullsFirst).Refine(block, m) // nulls that are first come before every value
}

// narrowDelta is narrow for entries of the delta.
func narrowDelta(o *mvcc.Ordering, worst *mvcc.Entry, block int, m *column.Mask) {
	if len(o.Terms) == 0 {
		return
	}
	t := o.Terms[0]
	if o.Version.Layout.Forms[t.Column] != column.FormInt || worst.Rank != mvcc.PresentRank(t) {
		return
	}
	in, col := intsUpTo(o, worst), &o.Version.Chunks[block].Cols[t.Column]
	for i := range m.Each {
		if col.States[i] != column.Present {
			if !t.NullsFirst {
				m.Clear(i)
			}
			continue
		}
		if x := int64(col.Ints[i]); x < in.Low || x > in.High {
			m.Clear(i)
		}
	}
}

// upTo returns the range of the int64s or codes of the first term's column in the
// base that can still come before or at e. Nulls are not looked at.
func upTo(o *mvcc.Ordering, e *mvcc.Entry) (filter.IntRange, bool) {
	if len(o.Terms) == 0 {
		return filter.IntRange{}, false
	}
	t := o.Terms[0]
	col := &o.Version.Base.Cols[t.Column]
	if e.Rank != mvcc.PresentRank(t) || !col.Coded() { // e is null: every value is before it, or none
		return filter.IntRange{}, false
	}
	if col.Dict != nil {
		op := query.Lte
		if t.Descending {
			op = query.Gte
		}
		return filter.DictionaryRange(col.Dict, filter.TextOrder{Op: op, Text: o.Version.Text(e.Ref, t.Column)}), true
	}
	return intsUpTo(o, e), true
}

// intsUpTo returns the int64s of the first term's column that come before or at e, which is
// not null.
func intsUpTo(o *mvcc.Ordering, e *mvcc.Entry) filter.IntRange {
	t := o.Terms[0]
	low, high := int64(math.MinInt64), e.First
	if t.Descending {
		low, high = ^e.First, math.MaxInt64
	}
	if low == 0 && o.Version.Layout.Types[t.Column].Kind == tables.Float64 {
		low = column.NegativeZero
	}
	return filter.IntRange{Low: low, High: high}
}
