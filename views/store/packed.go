package store

import "math/bits"

// packed holds int64s as differences from the least of them, in as few bytes as
// the largest difference needs. Its slices are whole blocks long.
type packed struct {
	low  int64
	span uint64 // the largest difference that may occur
	rows int
	// One of these is set; none when span is 0.
	w8  []uint8
	w16 []uint16
	w24 uint24s
	w32 []uint32
	w48 oddInts // of five, six or seven bytes
	w64 []uint64
}

type unsigned interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64
}

// newPacked returns room for rows values from low to high, all equal to low.
func newPacked(rows int, low, high int64) packed {
	p := packed{low: low, span: uint64(high) - uint64(low), rows: rows}
	padded := blocksFor(rows) * blockRows
	switch n := bits.Len64(p.span); {
	case n == 0:
	case n <= 8:
		p.w8 = make([]uint8, padded)
	case n <= 16:
		p.w16 = make([]uint16, padded)
	case n <= 24:
		p.w24 = newUint24s(padded)
	case n <= 32:
		p.w32 = make([]uint32, padded)
	case n <= 56:
		p.w48 = newOddInts(padded, (n+7)/8)
	default:
		p.w64 = make([]uint64, padded)
	}
	return p
}

// delta returns value i as a difference from low.
func (p *packed) delta(i int) uint64 {
	switch {
	case p.w8 != nil:
		return uint64(p.w8[i])
	case p.w16 != nil:
		return uint64(p.w16[i])
	case p.w24 != nil:
		return uint64(p.w24.at(i))
	case p.w32 != nil:
		return uint64(p.w32[i])
	case p.w48.bytes != nil:
		return p.w48.at(i)
	case p.w64 != nil:
		return p.w64[i]
	}
	return 0
}

func (p *packed) at(i int) int64 { return p.low + int64(p.delta(i)) }

// set writes value i, which must lie in the range given to newPacked.
func (p *packed) set(i int, v int64) {
	d := uint64(v) - uint64(p.low)
	switch {
	case p.w8 != nil:
		p.w8[i] = uint8(d)
	case p.w16 != nil:
		p.w16[i] = uint16(d)
	case p.w24 != nil:
		p.w24.set(i, uint32(d))
	case p.w32 != nil:
		p.w32[i] = uint32(d)
	case p.w48.bytes != nil:
		p.w48.set(i, d)
	case p.w64 != nil:
		p.w64[i] = d
	}
}

// high returns the upper end of the range.
func (p *packed) high() int64 { return int64(uint64(p.low) + p.span) }

func (p *packed) bytes() int64 {
	return int64(len(p.w8) + 2*len(p.w16) + len(p.w24) + 4*len(p.w32) + len(p.w48.bytes) + 8*len(p.w64))
}

// unpack writes a block's values to dst.
func (p *packed) unpack(block int, dst *[blockRows]int64) {
	from, to := block*blockRows, (block+1)*blockRows
	switch {
	case p.w8 != nil:
		unpackInto(dst, p.w8[from:to], p.low)
	case p.w16 != nil:
		unpackInto(dst, p.w16[from:to], p.low)
	case p.w24 != nil:
		var wide [blockRows]uint32
		unpackInto(dst, p.w24.block(block, &wide), p.low)
	case p.w32 != nil:
		unpackInto(dst, p.w32[from:to], p.low)
	case p.w48.bytes != nil:
		var wide [blockRows]uint64
		unpackInto(dst, p.w48.block(block, &wide), p.low)
	case p.w64 != nil:
		unpackInto(dst, p.w64[from:to], p.low)
	default:
		for i := range dst {
			dst[i] = p.low
		}
	}
}

func unpackInto[T unsigned](dst *[blockRows]int64, src []T, low int64) {
	src = src[:blockRows]
	for i := range dst {
		dst[i] = low + int64(src[i])
	}
}

// convert copies n values of src from srcAt to at; all lie in p's range.
func (p *packed) convert(at int, src *packed, srcAt, n int) {
	shift := uint64(src.low) - uint64(p.low)
	switch {
	case p.w8 != nil:
		convertFrom(p.w8[at:at+n], src, srcAt, shift)
	case p.w16 != nil:
		convertFrom(p.w16[at:at+n], src, srcAt, shift)
	case p.w32 != nil:
		convertFrom(p.w32[at:at+n], src, srcAt, shift)
	case p.w64 != nil:
		convertFrom(p.w64[at:at+n], src, srcAt, shift)
	case p.w24 != nil && src.w24 != nil && shift == 0:
		p.w24.copy(at, src.w24, srcAt, n)
	case p.w48.stride > 0 && p.w48.stride == src.w48.stride && shift == 0:
		p.w48.copy(at, src.w48, srcAt, n)
	case p.w24 != nil:
		for i := range n {
			p.w24.set(at+i, uint32(src.delta(srcAt+i)+shift))
		}
	case p.w48.bytes != nil:
		for i := range n {
			p.w48.set(at+i, src.delta(srcAt+i)+shift)
		}
	}
}

func convertFrom[D unsigned](dst []D, src *packed, from int, shift uint64) {
	to := from + len(dst)
	switch {
	case src.w8 != nil:
		shifted(dst, src.w8[from:to], shift)
	case src.w16 != nil:
		shifted(dst, src.w16[from:to], shift)
	case src.w32 != nil:
		shifted(dst, src.w32[from:to], shift)
	case src.w64 != nil:
		shifted(dst, src.w64[from:to], shift)
	default: // of odd widths, or all one
		for i := range dst {
			dst[i] = D(src.delta(from+i) + shift)
		}
	}
}

func shifted[D, S unsigned](dst []D, src []S, shift uint64) {
	if shift == 0 {
		if same, ok := any(src).([]D); ok {
			copy(dst, same)
			return
		}
	}
	src = src[:len(dst)]
	for i := range dst {
		dst[i] = D(uint64(src[i]) + shift)
	}
}
