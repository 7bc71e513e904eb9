package scan

import (
	"slices"
	"sort"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/filter"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/stop"
)

// Plan says where the rows of a query can be.
type Plan struct {
	cond  filter.Condition
	Spans []Span // of the base, ascending and apart
	// Points is how many columns of the sort key have one value in each span.
	Points int
	// keys are the only keys that the filter admits; then spans do not matter.
	keys  []tables.Key
	ByKey bool
	// Rows are the only rows of the base when indexed is set: found by the index of column
	// byColumn, ascending when they are many. Then spans do not matter either.
	Rows     []uint32
	Indexed  bool
	byColumn int
	// delta is what entries of the delta are found by; nil when all are looked at.
	delta *deltaRange
	// Fixed are the columns that the filter holds at one value.
	Fixed map[int]tables.Value
}

// maxProbes bounds the keys or spans that a plan is made of.
const maxProbes = 20_000

// planOf says where the rows of v that a filter admits can be.
func planOf(v *mvcc.Version, e query.Expr, over stop.Signal) (*Plan, error) {
	cond, err := filter.Compile(&v.Layout.Schema, e)
	if err != nil {
		return nil, err
	}
	p := &Plan{cond: cond, Fixed: map[int]tables.Value{}}
	leaves := map[int][]filter.Leaf{}
	if all, ok := cond.(filter.AllOf); ok {
		for _, c := range all {
			if l, ok := c.(filter.Leaf); ok {
				leaves[l.Col] = append(leaves[l.Col], l)
			}
		}
	} else if l, ok := cond.(filter.Leaf); ok {
		leaves[l.Col] = append(leaves[l.Col], l)
	}
	points := map[int][]tables.Value{}
	for col, ls := range leaves {
		for _, l := range ls {
			if over.Asked() {
				break
			}
			values, ok := pointsOf(v.Layout, l)
			if ok && (points[col] == nil || len(values) < len(points[col])) {
				points[col] = values
			}
		}
		if len(points[col]) == 1 {
			p.Fixed[col] = points[col][0]
		}
	}
	if p.keys, p.ByKey = keysOf(v.Layout, points); !p.ByKey {
		p.Spans, p.Points = spansOf(v.Base, points, leaves, over)
		p.Rows, p.byColumn, p.Indexed = byIndex(v.Base, leaves, RowsOf(p.Spans), over)
		preferred := v.Layout.Sort[0]
		if p.Indexed {
			preferred = p.byColumn
		}
		p.delta = deltaRangeOf(v.Layout, leaves, preferred)
	}
	return p, nil
}

// pointsOf returns the values that a leaf admits, ascending, when they are few.
func pointsOf(l *mvcc.Layout, c filter.Leaf) ([]tables.Value, bool) {
	if c.Not || c.Nulls {
		return nil, false
	}
	t := l.Types[c.Col]
	out := []tables.Value{}
	switch s := c.Test.(type) {
	case filter.IntRange:
		if s.Low != s.High {
			return nil, false
		}
		return append(out, column.ValueOfInt(t, s.Low)), true
	case filter.IntSet:
		if t.Kind == tables.Float64 { // two zeros
			return nil, false
		}
		for _, x := range s.Values {
			out = append(out, column.ValueOfInt(t, x))
		}
		return out, true
	case filter.TextTest:
		if s.Equal == nil {
			return nil, false
		}
		for _, x := range s.Equal {
			out = append(out, column.ValueOfText(t, x))
		}
		slices.SortFunc(out, tables.Compare)
		return out, true
	}
	return nil, false
}

// keysOf returns the keys that are admitted, when every key column has its points.
func keysOf(l *mvcc.Layout, points map[int][]tables.Value) ([]tables.Key, bool) {
	keys := []tables.Key{""}
	for _, col := range l.Key {
		values, ok := points[col]
		if !ok || len(keys)*len(values) > maxProbes {
			return nil, false
		}
		next := make([]tables.Key, 0, len(keys)*len(values))
		for _, k := range keys {
			for _, x := range values {
				next = append(next, tables.Key(tables.AppendKey([]byte(k), x)))
			}
		}
		keys = next
	}
	return keys, true
}

// spansOf returns where rows can be that meet the points and ranges of the first
// columns of the sort key, and how many of these have one value in each span.
func spansOf(b *mvcc.Base, points map[int][]tables.Value, leaves map[int][]filter.Leaf, over stop.Signal) ([]Span, int) {
	out := []Span{{0, b.Rows}}
	for n, col := range b.Layout.Sort[:b.Layout.SortOnly] {
		values, ok := points[col]
		if !ok {
			for _, l := range leaves[col] {
				if over.Asked() {
					break
				}
				if in, ok := boundsOf(&b.Cols[col], l); ok {
					out = narrow(out, in)
				}
			}
			return out, n
		}
		if len(out)*len(values) > maxProbes {
			return out, n
		}
		var next []Span
		for _, s := range out {
			for _, v := range values {
				from := Lower(b, s, col, v, false)
				to := Lower(b, Span{from, s.To}, col, v, true)
				if from < to {
					next = append(next, Span{from, to})
				}
				s.From = to
			}
		}
		out = next
	}
	return out, b.Layout.SortOnly
}

// bounds says of a column's values whether they lie before what a leaf admits, or
// behind it. Nil is never.
type bounds struct{ before, behind func(row int) bool }

// boundsOf returns those of a leaf that is a range.
func boundsOf(c *column.Column, l filter.Leaf) (b bounds, ok bool) {
	if l.Not || l.Nulls {
		return b, false
	}
	switch s := l.Test.(type) {
	case filter.IntRange:
		b.before = func(row int) bool { return !c.IsNull(row) && c.Ints.At(row) < s.Low }
		b.behind = func(row int) bool { return c.IsNull(row) || c.Ints.At(row) > s.High }
		return b, true
	case filter.TextTest:
		if s.Order == nil {
			return b, false
		}
		compare := c.Comparer(column.ValueOfText(c.Type, s.Order.Text))
		switch s.Order.Op {
		case query.Lt, query.Lte:
			b.behind = func(row int) bool { return compare(row) > 0 }
			return b, true
		case query.Gt, query.Gte:
			b.before = func(row int) bool { return compare(row) < 0 }
			b.behind = c.IsNull
			return b, true
		}
	}
	return b, false
}

// narrow cuts spans, in each of which the column ascends, to what lies within bounds.
func narrow(spans []Span, in bounds) []Span {
	out := spans[:0]
	for _, s := range spans {
		n := s.To - s.From
		if in.behind != nil {
			s.To = s.From + sort.Search(n, func(i int) bool { return in.behind(s.From + i) })
		}
		if in.before != nil {
			s.From += sort.Search(s.To-s.From, func(i int) bool { return !in.before(s.From + i) })
		}
		if s.From < s.To {
			out = append(out, s)
		}
	}
	return out
}

// Lower returns the first row of s, in which col ascends, whose value is at or
// behind v; with after, behind v. Nulls are after every value.
func Lower(b *mvcc.Base, s Span, col int, v tables.Value, after bool) int {
	compare := b.Cols[col].Comparer(v)
	return s.From + sort.Search(s.To-s.From, func(i int) bool {
		c := compare(s.From + i)
		return c > 0 || c == 0 && !after
	})
}

// long reports whether so many rows are looked at that others would feel it.
func (p *Plan) long(v *mvcc.Version) bool {
	rows := RowsOf(p.Spans)
	if p.ByKey {
		rows = len(p.keys)
	} else if p.Indexed {
		rows = len(p.Rows)
	}
	return rows+v.Count >= v.Layout.Tuning.SmallScan
}
