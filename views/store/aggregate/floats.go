package aggregate

import (
	"math"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

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
