package store

import (
	"math"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// accumulator holds one aggregate of every group. What it has of the group nowhere
// means nothing.
type accumulator interface {
	grow(groups int)
	// add takes the rows of b; groups are theirs.
	add(b *batchOfRows, groups []uint32)
	// merge takes what o has of each of its groups; to are their numbers here.
	merge(o accumulator, to []uint32)
	value(group int) (tables.Value, error)
}

func newAccumulator(g *grouping, o query.Output) accumulator {
	n := nulls{of: g, col: o.Column}
	if o.Column < 0 {
		return &counts{n}
	}
	form, kind := g.v.layout.forms[o.Column], g.v.layout.types[o.Column].Kind
	switch o.Aggregate {
	case query.Sum, query.Avg:
		if kind == tables.Float64 {
			return &floatSums{nulls: n, average: o.Aggregate == query.Avg}
		}
		return &sums{
			nulls: n, name: g.v.layout.table.Columns[o.Column].Name, wide: form == column.FormWide,
			in: g.v.layout.types[o.Column], out: o.Type, average: o.Aggregate == query.Avg,
		}
	case query.Min, query.Max:
		e := &extremes{v: g.v, order: ordering{v: g.v, terms: []query.Order{{Column: o.Column, Descending: o.Aggregate == query.Max}}}}
		e.fast = form == column.FormInt && kind != tables.Float64
		return e
	case query.CountDistinct:
		return newDistinct(g.v, o.Column)
	}
	return &counts{n}
}

func extend[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	return append(s, make([]T, n-len(s))...)
}

// nulls counts the null values of each group: what is left of its rows are values.
// Most blocks have none, and then there is nothing to count.
type nulls struct {
	of  *grouping
	col int
	n   []int64
}

func (c *nulls) grow(groups int) { c.n = extend(c.n, groups) }

func (c *nulls) add(b *batchOfRows, groups []uint32) {
	if c.col < 0 || !b.nullable(c.col) {
		return
	}
	for i, g := range groups {
		if b.isNull(c.col, i) {
			c.n[g]++
		}
	}
}

func (c *nulls) merge(o *nulls, to []uint32) {
	for i, n := range o.n {
		c.n[to[i]] += n
	}
}

// values returns how many values a group has.
func (c *nulls) values(group int) int64 { return c.of.n[group] - c.n[group] }

// counts counts rows, or with a column the values that are not null.
type counts struct{ nulls }

func (c *counts) merge(o accumulator, to []uint32) { c.nulls.merge(&o.(*counts).nulls, to) }

func (c *counts) value(group int) (tables.Value, error) {
	return tables.Int64Value(c.values(group)), nil
}

// floatSums adds floats with a correction for what each addition loses, so that the
// order of the rows hardly ever shows in the result.
type floatSums struct {
	nulls
	average   bool
	sum, lost []float64
}

func (s *floatSums) grow(groups int) {
	s.nulls.grow(groups)
	s.sum, s.lost = extend(s.sum, groups), extend(s.lost, groups)
}

func (s *floatSums) one(g uint32, x float64) {
	t := s.sum[g] + x
	if math.Abs(s.sum[g]) >= math.Abs(x) {
		s.lost[g] += (s.sum[g] - t) + x
	} else {
		s.lost[g] += (x - t) + s.sum[g]
	}
	s.sum[g] = t
}

func (s *floatSums) add(b *batchOfRows, groups []uint32) {
	s.nulls.add(b, groups)
	nullable := b.nullable(s.col)
	for i, x := range b.ints(s.col) {
		if !nullable || !b.isNull(s.col, i) {
			s.one(groups[i], column.FloatOfOrder(x))
		}
	}
}

func (s *floatSums) merge(o accumulator, to []uint32) {
	f := o.(*floatSums)
	s.nulls.merge(&f.nulls, to)
	for i := range f.sum {
		s.one(to[i], f.sum[i])
		s.lost[to[i]] += f.lost[i]
	}
}

func (s *floatSums) value(group int) (tables.Value, error) {
	n := s.values(group)
	if n == 0 {
		return tables.Value{}, nil
	}
	x := s.sum[group]
	if !math.IsInf(x, 0) && x == x {
		x += s.lost[group]
	}
	if s.average {
		x /= float64(n)
	}
	return tables.Float64Value(x), nil
}

// extremes keeps the row with the first value of each group, in the order of the
// values or against it.
type extremes struct {
	v     *version
	order ordering
	fast  bool // the int64 is all that there is to compare
	best  []entry
	seen  []bool
}

func (e *extremes) grow(groups int) { e.best, e.seen = extend(e.best, groups), extend(e.seen, groups) }

func (e *extremes) add(b *batchOfRows, groups []uint32) {
	t := e.order.terms[0]
	nullable := b.nullable(t.Column)
	if e.fast {
		for i, x := range b.ints(t.Column) {
			if t.Descending {
				x = ^x
			}
			g := groups[i]
			if e.seen[g] && x >= e.best[g].first || nullable && b.isNull(t.Column, i) {
				continue
			}
			e.best[g], e.seen[g] = entry{first: x, ref: b.ref(i)}, true
		}
		return
	}
	for i, g := range groups {
		if g != nowhere && (!nullable || !b.isNull(t.Column, i)) {
			e.offer(g, e.order.entry(b.ref(i)))
		}
	}
}

func (e *extremes) offer(g uint32, x entry) {
	b := &e.best[g]
	if !e.seen[g] || x.first < b.first || x.first == b.first && !e.fast && e.order.compareTerms(x.ref, b.ref, 0, 1) < 0 {
		*b, e.seen[g] = x, true
	}
}

func (e *extremes) merge(o accumulator, to []uint32) {
	x := o.(*extremes)
	for i, seen := range x.seen {
		if seen && to[i] != nowhere {
			e.offer(to[i], x.best[i])
		}
	}
}

func (e *extremes) value(group int) (tables.Value, error) {
	if !e.seen[group] {
		return tables.Value{}, nil
	}
	return e.v.value(e.best[group].ref, e.order.terms[0].Column), nil
}
