package store

import (
	"math/bits"
	"slices"
)

// packedRange is true from from to from+width, both differences from the column's low.
type packedRange struct {
	ints  *packed
	zones []zone // of the column; may be nil
	from  uint64
	width uint64
	not   bool
}

// newPackedRange returns the predicate of a range over packed values.
func newPackedRange(c *column, r intRange, not bool) predicate {
	p := &c.ints
	low, high := max(r.low, p.low), min(r.high, p.high())
	if low > high {
		return constant(not)
	}
	if low == p.low && high == p.high() {
		return constant(!not)
	}
	return &packedRange{ints: p, zones: c.zones, from: uint64(low) - uint64(p.low), width: uint64(high) - uint64(low), not: not}
}

func (p *packedRange) test(row int) bool { return (p.ints.delta(row)-p.from <= p.width) != p.not }

// few is how many rows are sooner tested one by one than with their whole block.
const few = 48

func (p *packedRange) refine(block int, m *mask) {
	if none, all := p.zone(block); none || all {
		if none != p.not {
			*m = mask{}
		}
		return
	}
	if m.count() <= few {
		testEach(p, block, m)
		return
	}
	var in mask
	p.mark(block, &in)
	if p.not {
		m.andNotWords(in[:])
	} else {
		m.and(&in)
	}
}

// mark marks a block's values that lie in the range.
func (p *packedRange) mark(block int, m *mask) {
	from, to := block*blockRows, (block+1)*blockRows
	switch x := p.ints; {
	case x.w8 != nil:
		markRange(m, x.w8[from:to], uint8(p.from), uint8(p.width))
	case x.w16 != nil:
		markRange(m, x.w16[from:to], uint16(p.from), uint16(p.width))
	case x.w24 != nil:
		markRange24(m, x.w24.bytes(block), uint32(p.from), uint32(p.width))
	case x.w32 != nil:
		markRange(m, x.w32[from:to], uint32(p.from), uint32(p.width))
	case x.w48.bytes != nil:
		var wide [blockRows]uint64
		markRange(m, x.w48.block(block, &wide), p.from, p.width)
	case x.w64 != nil:
		markRange(m, x.w64[from:to], p.from, p.width)
	}
}

// markRange marks the values from from to from+width. Eight at a time, without a
// branch: the difference of a value that lies outside is greater than width, so that
// the subtraction's borrow tells.
func markRange[T unsigned](m *mask, values []T, from, width T) {
	w := uint64(width)
	values = values[:blockRows]
	for i := range m {
		var word uint64
		for k := 56; k >= 0; k -= 8 {
			v := values[i*64+k : i*64+k+8 : i*64+k+8]
			_, b0 := bits.Sub64(w, uint64(v[0]-from), 0)
			_, b1 := bits.Sub64(w, uint64(v[1]-from), 0)
			_, b2 := bits.Sub64(w, uint64(v[2]-from), 0)
			_, b3 := bits.Sub64(w, uint64(v[3]-from), 0)
			_, b4 := bits.Sub64(w, uint64(v[4]-from), 0)
			_, b5 := bits.Sub64(w, uint64(v[5]-from), 0)
			_, b6 := bits.Sub64(w, uint64(v[6]-from), 0)
			_, b7 := bits.Sub64(w, uint64(v[7]-from), 0)
			word = word<<8 | b0 | b1<<1 | b2<<2 | b3<<3 | b4<<4 | b5<<5 | b6<<6 | b7<<7
		}
		m[i] = ^word
	}
}

// markRange24 is markRange for integers of three bytes.
func markRange24(m *mask, values *block24, from, width uint32) {
	w := uint64(width)
	for i := range m {
		var word uint64
		for k := 56; k >= 0; k -= 8 {
			v := (*eight24)(values[3*(i*64+k):])
			_, b0 := bits.Sub64(w, uint64(v.at(0)-from), 0)
			_, b1 := bits.Sub64(w, uint64(v.at(1)-from), 0)
			_, b2 := bits.Sub64(w, uint64(v.at(2)-from), 0)
			_, b3 := bits.Sub64(w, uint64(v.at(3)-from), 0)
			_, b4 := bits.Sub64(w, uint64(v.at(4)-from), 0)
			_, b5 := bits.Sub64(w, uint64(v.at(5)-from), 0)
			_, b6 := bits.Sub64(w, uint64(v.at(6)-from), 0)
			_, b7 := bits.Sub64(w, uint64(v.at(7)-from), 0)
			word = word<<8 | b0 | b1<<1 | b2<<2 | b3<<3 | b4<<4 | b5<<5 | b6<<6 | b7<<7
		}
		m[i] = ^word
	}
}

// packedSet is true for the members of a set.
type packedSet struct {
	ints *packed
	// zones are the column's, and first and last the outer members' differences from low.
	zones       []zone
	first, last uint64
	bits        bitmap   // by difference from low, when the column spans little
	set         *hashSet // otherwise
	not         bool
}

// smallSpan is the widest span of values for which a set is kept as bits.
const smallSpan = 1 << 20

// newPackedSet returns the predicate of a set over packed values; the members are ascending.
func newPackedSet(c *column, members []int64, not bool) predicate {
	p := &c.ints
	lo, _ := slices.BinarySearch(members, p.low)
	members = members[lo:]
	hi, found := slices.BinarySearch(members, p.high())
	if found {
		hi++
	}
	members = members[:hi]
	switch n := len(members); {
	case n == 0:
		return constant(not)
	case uint64(members[n-1])-uint64(members[0]) == uint64(n-1):
		return newPackedRange(c, intRange{members[0], members[n-1]}, not)
	}
	out := &packedSet{ints: p, zones: c.zones, not: not}
	out.first, out.last = uint64(members[0])-uint64(p.low), uint64(members[len(members)-1])-uint64(p.low)
	if p.span >= smallSpan {
		out.set = newHashSet(members)
		return out
	}
	out.bits = newBitmap(int(p.span) + 1)
	for _, v := range members {
		out.bits.set(int(uint64(v) - uint64(p.low)))
	}
	return out
}

func (p *packedSet) test(row int) bool {
	if p.bits != nil {
		return p.bits.get(int(p.ints.delta(row))) != p.not
	}
	return p.set.has(p.ints.at(row)) != p.not
}

func (p *packedSet) refine(block int, m *mask) {
	if p.excludes(block) {
		*m = mask{}
		return
	}
	if p.bits == nil || p.ints.w8 == nil || m.count() <= few {
		testEach(p, block, m)
		return
	}
	var in mask
	values := p.ints.w8[block*blockRows : (block+1)*blockRows]
	for w := range in {
		var word uint64
		for i, v := range values[w*64 : w*64+64] {
			word |= (p.bits[v>>6] >> (v & 63) & 1) << (uint(i) & 63)
		}
		in[w] = word
	}
	if p.not {
		m.andNotWords(in[:])
	} else {
		m.and(&in)
	}
}
