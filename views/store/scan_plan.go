package store

import (
	"slices"
	"sort"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// span is a range of rows of a base, from inclusive, to exclusive.
type span struct{ from, to int }

// plan says where the rows of a query can be.
type plan struct {
	cond  condition
	spans []span // of the base, ascending and apart
	// points is how many columns of the sort key have one value in each span.
	points int
	// keys are the only keys that the filter admits; then spans do not matter.
	keys  []tables.Key
	byKey bool
	// rows are the only rows of the base when indexed is set: found by the index of column
	// byColumn, ascending when they are many. Then spans do not matter either.
	rows     []uint32
	indexed  bool
	byColumn int
	// delta is what entries of the delta are found by; nil when all are looked at.
	delta *deltaRange
	// fixed are the columns that the filter holds at one value.
	fixed map[int]tables.Value
}

func rowsOf(spans []span) (n int) {
	for _, s := range spans {
		n += s.to - s.from
	}
	return n
}

// maxProbes bounds the keys or spans that a plan is made of.
const maxProbes = 20_000

func (v *version) plan(e query.Expr, over stop) (*plan, error) {
	cond, err := v.layout.normalize(e, false)
	if err != nil {
		return nil, err
	}
	p := &plan{cond: cond, fixed: map[int]tables.Value{}}
	leaves := map[int][]leaf{}
	if all, ok := cond.(allOf); ok {
		for _, c := range all {
			if l, ok := c.(leaf); ok {
				leaves[l.col] = append(leaves[l.col], l)
			}
		}
	} else if l, ok := cond.(leaf); ok {
		leaves[l.col] = append(leaves[l.col], l)
	}
	points := map[int][]tables.Value{}
	for col, ls := range leaves {
		for _, l := range ls {
			if over.asked() {
				break
			}
			values, ok := v.layout.pointsOf(l)
			if ok && (points[col] == nil || len(values) < len(points[col])) {
				points[col] = values
			}
		}
		if len(points[col]) == 1 {
			p.fixed[col] = points[col][0]
		}
	}
	if p.keys, p.byKey = v.layout.keysOf(points); !p.byKey {
		p.spans, p.points = v.base.spans(points, leaves, over)
		p.rows, p.byColumn, p.indexed = v.base.byIndex(leaves, rowsOf(p.spans), over)
		preferred := v.layout.sort[0]
		if p.indexed {
			preferred = p.byColumn
		}
		p.delta = v.layout.deltaRange(leaves, preferred)
	}
	return p, nil
}

// pointsOf returns the values that a leaf admits, ascending, when they are few.
func (l *layout) pointsOf(c leaf) ([]tables.Value, bool) {
	if c.not || c.nulls {
		return nil, false
	}
	t := l.types[c.col]
	out := []tables.Value{}
	switch s := c.test.(type) {
	case intRange:
		if s.low != s.high {
			return nil, false
		}
		return append(out, column.ValueOfInt(t, s.low)), true
	case intSet:
		if t.Kind == tables.Float64 { // two zeros
			return nil, false
		}
		for _, x := range s.values {
			out = append(out, column.ValueOfInt(t, x))
		}
		return out, true
	case textTest:
		if s.equal == nil {
			return nil, false
		}
		for _, x := range s.equal {
			out = append(out, column.ValueOfText(t, x))
		}
		slices.SortFunc(out, tables.Compare)
		return out, true
	}
	return nil, false
}

// keysOf returns the keys that are admitted, when every key column has its points.
func (l *layout) keysOf(points map[int][]tables.Value) ([]tables.Key, bool) {
	keys := []tables.Key{""}
	for _, col := range l.key {
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

// spans returns where rows can be that meet the points and ranges of the first
// columns of the sort key, and how many of these have one value in each span.
func (b *base) spans(points map[int][]tables.Value, leaves map[int][]leaf, over stop) ([]span, int) {
	out := []span{{0, b.rows}}
	for n, col := range b.layout.sort[:b.layout.sortOnly] {
		values, ok := points[col]
		if !ok {
			for _, l := range leaves[col] {
				if over.asked() {
					break
				}
				if in, ok := boundsOf(&b.cols[col], l); ok {
					out = narrow(out, in)
				}
			}
			return out, n
		}
		if len(out)*len(values) > maxProbes {
			return out, n
		}
		var next []span
		for _, s := range out {
			for _, v := range values {
				from := b.lower(s, col, v, false)
				to := b.lower(span{from, s.to}, col, v, true)
				if from < to {
					next = append(next, span{from, to})
				}
				s.from = to
			}
		}
		out = next
	}
	return out, b.layout.sortOnly
}

// bounds says of a column's values whether they lie before what a leaf admits, or
// behind it. Nil is never.
type bounds struct{ before, behind func(row int) bool }

// boundsOf returns those of a leaf that is a range.
func boundsOf(c *column.Column, l leaf) (b bounds, ok bool) {
	if l.not || l.nulls {
		return b, false
	}
	switch s := l.test.(type) {
	case intRange:
		b.before = func(row int) bool { return !c.IsNull(row) && c.Ints.At(row) < s.low }
		b.behind = func(row int) bool { return c.IsNull(row) || c.Ints.At(row) > s.high }
		return b, true
	case textTest:
		if s.order == nil {
			return b, false
		}
		compare := c.Comparer(column.ValueOfText(c.Type, s.order.text))
		switch s.order.op {
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
func narrow(spans []span, in bounds) []span {
	out := spans[:0]
	for _, s := range spans {
		n := s.to - s.from
		if in.behind != nil {
			s.to = s.from + sort.Search(n, func(i int) bool { return in.behind(s.from + i) })
		}
		if in.before != nil {
			s.from += sort.Search(s.to-s.from, func(i int) bool { return !in.before(s.from + i) })
		}
		if s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}

// lower returns the first row of s, in which col ascends, whose value is at or
// behind v; with after, behind v. Nulls stand behind every value.
func (b *base) lower(s span, col int, v tables.Value, after bool) int {
	compare := b.cols[col].Comparer(v)
	return s.from + sort.Search(s.to-s.from, func(i int) bool {
		c := compare(s.from + i)
		return c > 0 || c == 0 && !after
	})
}
