package aggregate

import (
	"fmt"
	"math/big"
	"math/bits"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// sums adds int64s and decimals exactly.
type sums struct {
	nulls
	name    string
	wide    bool
	average bool
	in, out tables.Type
	small   []int64 // what fits; what does not has been moved to large
	large   []sum192
}

// sum192 is a 192-bit two's complement integer: 2^64 values of 128 bits fit.
type sum192 struct {
	lo, mid uint64
	hi      int64
}

func (s *sum192) add(hi int64, lo uint64) {
	var c uint64
	s.lo, c = bits.Add64(s.lo, lo, 0)
	s.mid, c = bits.Add64(s.mid, uint64(hi), c)
	s.hi += hi>>63 + int64(c)
}

func (s *sum192) addAll(o sum192) {
	var c uint64
	s.lo, c = bits.Add64(s.lo, o.lo, 0)
	s.mid, c = bits.Add64(s.mid, o.mid, c)
	s.hi += o.hi + int64(c)
}

func (s *sum192) big() *big.Int {
	b := new(big.Int).Lsh(big.NewInt(s.hi), 64)
	b.Add(b, new(big.Int).SetUint64(s.mid))
	b.Lsh(b, 64)
	return b.Add(b, new(big.Int).SetUint64(s.lo))
}

func (s *sums) grow(groups int) {
	s.nulls.grow(groups)
	s.small = extend(s.small, groups)
	if s.wide || s.large != nil {
		s.large = extend(s.large, groups)
	}
}

func (s *sums) add(b *batchOfRows, groups []uint32) {
	s.nulls.add(b, groups)
	nullable := b.nullable(s.col)
	switch {
	case s.wide:
		for i, g := range groups {
			if !nullable || !b.isNull(s.col, i) {
				w := b.v.Wide(b.ref(i), s.col)
				s.large[g].add(w.Hi, w.Lo)
			}
		}
	case b.all && !nullable && s.tame(b):
		s.whole(b, groups)
	default:
		for i, x := range b.ints(s.col) {
			if !nullable || !b.isNull(s.col, i) {
				s.one(groups[i], x)
			}
		}
	}
}

// tame reports whether the base's values are so small that no sum of them can
// overflow an int64.
func (s *sums) tame(b *batchOfRows) bool {
	const bound = 1 << 31 // there are fewer than 1<<31 rows, which with room give at most 1<<63-1
	p, _ := b.packed(s.col)
	return p.Low >= -bound && p.High() < bound && s.large == nil
}

// whole adds a whole block of tame values.
func (s *sums) whole(b *batchOfRows, groups []uint32) {
	switch p, from := b.packed(s.col); {
	case p.W8 != nil:
		sumGroups(s.small, groups, p.W8[from:from+column.BlockRows], p.Low)
	case p.W16 != nil:
		sumGroups(s.small, groups, p.W16[from:from+column.BlockRows], p.Low)
	case p.W24 != nil:
		var wide [column.BlockRows]uint32
		sumGroups(s.small, groups, p.W24.Block(b.block, &wide), p.Low)
	case p.W32 != nil:
		sumGroups(s.small, groups, p.W32[from:from+column.BlockRows], p.Low)
	default:
		for _, g := range groups {
			s.small[g] += p.Low
		}
	}
}

// room is how far a small sum may go by single values, so that a whole base of tame ones has
// room besides.
const room = 1 << 62

func (s *sums) one(g uint32, x int64) {
	t := s.small[g] + x
	if (t^s.small[g])&(t^x) < 0 || t <= -room || t >= room { // overflow, or nearly so
		s.large = extend(s.large, len(s.small))
		s.large[g].add(x>>63, uint64(x))
		return
	}
	s.small[g] = t
}

func (s *sums) merge(o accumulator, to []uint32) {
	x := o.(*sums)
	s.nulls.merge(&x.nulls, to)
	for i := range x.small {
		s.one(to[i], x.small[i])
		if i < len(x.large) {
			s.large = extend(s.large, len(s.small))
			s.large[to[i]].addAll(x.large[i])
		}
	}
}

func (s *sums) value(group int) (tables.Value, error) {
	n := s.values(group)
	if n == 0 {
		return tables.Value{}, nil
	}
	if !s.average && s.large == nil {
		return tables.DecimalValue(tables.DecimalFromInt64(s.small[group])), nil
	}
	total := big.NewInt(s.small[group])
	if group < len(s.large) {
		total.Add(total, s.large[group].big())
	}
	if s.average {
		total = query.Quotient(total, n, int(s.out.Scale)-int(s.in.Scale))
	}
	d, ok := tables.DecimalFromBig(total)
	if !ok || !d.Fits(s.out.Precision) {
		return tables.Value{}, fmt.Errorf("column %s: %w: it has more than %d digits", s.name, query.ErrRange, s.out.Precision)
	}
	return tables.DecimalValue(d), nil
}
