package store

import (
	"math"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// accumulator holds one aggregate of every group.
type accumulator interface {
	grow(groups int)
	// add takes the rows of b; groups are theirs.
	add(b *batchOfRows, groups []uint32)
	// merge takes what o has of each of its groups; to are their numbers here.
	merge(o accumulator, to []uint32)
	value(group int) (tables.Value, error)
}

func newAccumulator(v *version, o query.Output) accumulator {
	if o.Column < 0 {
		return &counts{col: -1}
	}
	form, kind := v.layout.forms[o.Column], v.layout.types[o.Column].Kind
	switch o.Aggregate {
	case query.Sum, query.Avg:
		if kind == tables.Float64 {
			return &floatSums{col: o.Column, average: o.Aggregate == query.Avg}
		}
		s := &sums{col: o.Column, wide: form == formWide, in: v.layout.types[o.Column], out: o.Type, average: o.Aggregate == query.Avg}
		s.name = v.layout.table.Columns[o.Column].Name
		return s
	case query.Min, query.Max:
		e := &extremes{v: v, order: ordering{v: v, terms: []query.Order{{Column: o.Column, Descending: o.Aggregate == query.Max}}}}
		e.fast = form == formInt && kind != tables.Float64
		return e
	case query.CountDistinct:
		return &distinct{v: v, col: o.Column, codes: newCoder(v, o.Column), pairs: newNumbering()}
	}
	return &counts{col: o.Column}
}

func extend[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	return append(s, make([]T, n-len(s))...)
}

// counts counts rows, or with a column the values that are not null.
type counts struct {
	col int
	n   []int64
}

func (c *counts) grow(groups int) { c.n = extend(c.n, groups) }

func (c *counts) add(b *batchOfRows, groups []uint32) {
	if c.col < 0 || !b.nullable(c.col) {
		for _, g := range groups {
			c.n[g]++
		}
		return
	}
	for i, g := range groups {
		if !b.isNull(c.col, int(b.at[i])) {
			c.n[g]++
		}
	}
}

func (c *counts) merge(o accumulator, to []uint32) {
	for i, n := range o.(*counts).n {
		c.n[to[i]] += n
	}
}

func (c *counts) value(group int) (tables.Value, error) { return tables.Int64Value(c.n[group]), nil }

// floatSums adds floats with a correction for what each addition loses, so that the
// order of the rows hardly ever shows in the result.
type floatSums struct {
	col       int
	average   bool
	n         []int64
	sum, lost []float64
}

func (s *floatSums) grow(groups int) {
	s.n, s.sum, s.lost = extend(s.n, groups), extend(s.sum, groups), extend(s.lost, groups)
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
	ints, nullable := b.ints(s.col), b.nullable(s.col)
	for i, g := range groups {
		at := b.at[i]
		if nullable && b.isNull(s.col, int(at)) {
			continue
		}
		s.n[g]++
		s.one(g, floatOfOrder(ints[at]))
	}
}

func (s *floatSums) merge(o accumulator, to []uint32) {
	f := o.(*floatSums)
	for i, n := range f.n {
		s.n[to[i]] += n
		s.one(to[i], f.sum[i])
		s.lost[to[i]] += f.lost[i]
	}
}

func (s *floatSums) value(group int) (tables.Value, error) {
	if s.n[group] == 0 {
		return tables.Value{}, nil
	}
	x := s.sum[group]
	if !math.IsInf(x, 0) && x == x {
		x += s.lost[group]
	}
	if s.average {
		x /= float64(s.n[group])
	}
	return tables.Float64Value(x), nil
}

// extremes keeps the row with the first value of each group, in the order of the
// values or against it.
type extremes struct {
	v     *version
	order ordering
	fast  bool // the value is all that there is to compare
	best  []entry
	seen  []bool
}

func (e *extremes) grow(groups int) { e.best, e.seen = extend(e.best, groups), extend(e.seen, groups) }

func (e *extremes) add(b *batchOfRows, groups []uint32) {
	t := e.order.terms[0]
	nullable := b.nullable(t.Column)
	if e.fast {
		ints := b.ints(t.Column)
		for i, g := range groups {
			at := b.at[i]
			if nullable && b.isNull(t.Column, int(at)) {
				continue
			}
			x := ints[at]
			if t.Descending {
				x = ^x
			}
			if !e.seen[g] || x < e.best[g].first {
				e.best[g], e.seen[g] = entry{first: x, ref: b.ref(i)}, true
			}
		}
		return
	}
	for i, g := range groups {
		if !nullable || !b.isNull(t.Column, int(b.at[i])) {
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
		if seen {
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

// distinct counts the different values of each group.
type distinct struct {
	v     *version
	col   int
	codes *coder
	first []ref // a row of each value
	pairs *numbering
	found []uint64 // the pairs of group and value
	n     []int64
	buf   [blockRows]uint32
}

func (d *distinct) grow(groups int) { d.n = extend(d.n, groups) }

func (d *distinct) add(b *batchOfRows, groups []uint32) {
	codes := d.buf[:len(groups)]
	d.codes.codes(b, codes)
	for i, code := range codes {
		if int(code) == len(d.first) {
			d.first = append(d.first, b.ref(i))
		}
	}
	nullable := b.nullable(d.col)
	for i, g := range groups {
		if !nullable || !b.isNull(d.col, int(b.at[i])) {
			d.pair(g, codes[i])
		}
	}
}

func (d *distinct) pair(group, code uint32) {
	p := uint64(group)<<32 | uint64(code)
	if _, known := d.pairs.number(p, uint32(len(d.found))); !known {
		d.found = append(d.found, p)
		d.n[group]++
	}
}

func (d *distinct) merge(o accumulator, to []uint32) {
	x := o.(*distinct)
	codes := make([]uint32, len(x.first))
	var scratch [blockRows]int64
	var row [1]uint16
	for i, r := range x.first {
		row[0] = uint16(r.row() & (blockRows - 1))
		b := batchOfRows{v: d.v, block: r.row() >> blockBits, inDelta: r.inDelta(), at: row[:], scratch: &scratch}
		d.codes.codes(&b, codes[i:i+1])
		if int(codes[i]) == len(d.first) {
			d.first = append(d.first, r)
		}
	}
	for _, p := range x.found {
		d.pair(to[p>>32], codes[uint32(p)])
	}
}

func (d *distinct) value(group int) (tables.Value, error) { return tables.Int64Value(d.n[group]), nil }
