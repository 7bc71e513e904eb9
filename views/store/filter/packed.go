package filter

import (
	"math/bits"
	"slices"

	"github.com/tidemark/tidemark/views/store/column"
)

// packedRange is true from from to from+width, both differences from the column's low.
type packedRange struct {
	ints  *column.Packed
	zones []column.Zone // of the column; may be nil
	from  uint64
	width uint64
	not   bool
}

// newPackedRange returns the predicate of a range over packed values.
func newPackedRange(c *column.Column, r IntRange, not bool) Predicate {
	p := &c.Ints
	low, high := max(r.Low, p.Low), min(r.High, p.High())
	if low > high {
		return constant(not)
	}
	if low == p.Low && high == p.High() {
		return constant(!not)
	}
	return &packedRange{ints: p, zones: c.Zones, from: uint64(low) - uint64(p.Low), width: uint64(high) - uint64(low), not: not}
}

func (p *packedRange) Test(row int) bool { return (p.ints.Delta(row)-p.from <= p.width) != p.not }

// few is how many rows are sooner tested one by one than with their whole block.
const few = 48

func (p *packedRange) Refine(block int, m *column.Mask) {
	if none, all := p.zone(block); none || all {
		if none != p.not {
			*m = column.Mask{}
		}
		return
	}
	if m.Count() <= few {
		testEach(p, block, m)
		return
	}
	var in column.Mask
	p.mark(block, &in)
	if p.not {
		m.AndNotWords(in[:])
	} else {
		m.And(&in)
	}
}

// mark marks a block's values that lie in the range.
func (p *packedRange) mark(block int, m *column.Mask) {
	from, to := block*column.BlockRows, (block+1)*column.BlockRows
	switch x := p.ints; {
	case x.W8 != nil:
		markRange(m, x.W8[from:to], uint8(p.from), uint8(p.width))
	case x.W16 != nil:
		markRange(m, x.W16[from:to], uint16(p.from), uint16(p.width))
	case x.W24 != nil:
		markRange24(m, x.W24.Bytes(block), uint32(p.from), uint32(p.width))
	case x.W32 != nil:
		markRange(m, x.W32[from:to], uint32(p.from), uint32(p.width))
	case x.W48.Raw != nil:
		var wide [column.BlockRows]uint64
		markRange(m, x.W48.Block(block, &wide), p.from, p.width)
	case x.W64 != nil:
		markRange(m, x.W64[from:to], p.from, p.width)
	}
}

// markRange marks the values from from to from+width. Eight at a time, without a
// branch: the difference of a value that lies outside is greater than width, so that
// the subtraction's borrow says.
func markRange[T column.Unsigned](m *column.Mask, values []T, from, width T) {
	w := uint64(width)
	values = values[:column.BlockRows]
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
func markRange24(m *column.Mask, values *column.Block24, from, width uint32) {
	w := uint64(width)
	for i := range m {
		var word uint64
		for k := 56; k >= 0; k -= 8 {
			v := (*column.Eight24)(values[3*(i*64+k):])
			_, b0 := bits.Sub64(w, uint64(v.At(0)-from), 0)
			_, b1 := bits.Sub64(w, uint64(v.At(1)-from), 0)
			_, b2 := bits.Sub64(w, uint64(v.At(2)-from), 0)
			_, b3 := bits.Sub64(w, uint64(v.At(3)-from), 0)
			_, b4 := bits.Sub64(w, uint64(v.At(4)-from), 0)
			_, b5 := bits.Sub64(w, uint64(v.At(5)-from), 0)
			_, b6 := bits.Sub64(w, uint64(v.At(6)-from), 0)
			_, b7 := bits.Sub64(w, uint64(v.At(7)-from), 0)
			word = word<<8 | b0 | b1<<1 | b2<<2 | b3<<3 | b4<<4 | b5<<5 | b6<<6 | b7<<7
		}
		m[i] = ^word
	}
}

// packedSet is true for the members of a set.
type packedSet struct {
	ints *column.Packed
	// zones are the column's, and first and last the outer members' differences from low.
	zones       []column.Zone
	first, last uint64
	bits        column.Bitmap   // by difference from low, when the column spans little
	set         *column.HashSet // otherwise
	not         bool
}

// smallSpan is the widest span of values for which a set is kept as bits.
const smallSpan = 1 << 20

// newPackedSet returns the predicate of a set over packed values; the members are ascending.
func newPackedSet(c *column.Column, members []int64, not bool) Predicate {
	p := &c.Ints
	lo, _ := slices.BinarySearch(members, p.Low)
	members = members[lo:]
	hi, found := slices.BinarySearch(members, p.High())
	if found {
		hi++
	}
	members = members[:hi]
	switch n := len(members); {
	case n == 0:
		return constant(not)
	case uint64(members[n-1])-uint64(members[0]) == uint64(n-1):
		return newPackedRange(c, IntRange{members[0], members[n-1]}, not)
	}
	out := &packedSet{ints: p, zones: c.Zones, not: not}
	out.first, out.last = uint64(members[0])-uint64(p.Low), uint64(members[len(members)-1])-uint64(p.Low)
	if p.Span >= smallSpan {
		out.set = column.NewHashSet(members)
		return out
	}
	out.bits = column.NewBitmap(int(p.Span) + 1)
	for _, v := range members {
		out.bits.Set(int(uint64(v) - uint64(p.Low)))
	}
	return out
}

func (p *packedSet) Test(row int) bool {
	if p.bits != nil {
		return p.bits.Get(int(p.ints.Delta(row))) != p.not
	}
	return p.set.Has(p.ints.At(row)) != p.not
}

func (p *packedSet) Refine(block int, m *column.Mask) {
	if p.Excludes(block) {
		*m = column.Mask{}
		return
	}
	if p.bits == nil || p.ints.W8 == nil || m.Count() <= few {
		testEach(p, block, m)
		return
	}
	var in column.Mask
	values := p.ints.W8[block*column.BlockRows : (block+1)*column.BlockRows]
	for w := range in {
		var word uint64
		for i, v := range values[w*64 : w*64+64] {
			word |= (p.bits[v>>6] >> (v & 63) & 1) << (uint(i) & 63)
		}
		in[w] = word
	}
	if p.not {
		m.AndNotWords(in[:])
	} else {
		m.And(&in)
	}
}

func (p *packedRange) Excludes(block int) bool {
	none, all := p.zone(block)
	return none && !p.not || all && p.not
}

// zone says what the block's zone says of the range.
func (p *packedRange) zone(block int) (none, all bool) {
	if p.zones == nil {
		return false, false
	}
	return p.zones[block].Within(p.from, p.from+p.width)
}

func (p *packedSet) Excludes(block int) bool {
	if p.zones == nil || p.not {
		return false
	}
	none, _ := p.zones[block].Within(p.first, p.last)
	return none
}

func (p *packedRange) zoned() bool { return p.zones != nil }

func (p *packedSet) zoned() bool { return p.zones != nil && !p.not }
