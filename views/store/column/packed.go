package column

import "math/bits"

// Packed holds int64s as differences from the least of them, in as few bytes as
// the largest difference needs. Its slices are whole blocks long.
type Packed struct {
	Low  int64
	Span uint64 // the largest difference that may occur
	Rows int
	// One of these is set; none when span is 0.
	W8  []uint8
	W16 []uint16
	W24 Uint24s
	W32 []uint32
	W48 oddInts // of five, six or seven bytes
	W64 []uint64
}

// Unsigned are the widths that are words of the machine.
type Unsigned interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64
}

// NewPacked returns room for rows values from low to high, all equal to low.
func NewPacked(rows int, low, high int64) Packed {
	p := Packed{Low: low, Span: uint64(high) - uint64(low), Rows: rows}
	padded := BlocksFor(rows) * BlockRows
	switch n := bits.Len64(p.Span); {
	case n == 0:
	case n <= 8:
		p.W8 = make([]uint8, padded)
	case n <= 16:
		p.W16 = make([]uint16, padded)
	case n <= 24:
		p.W24 = newUint24s(padded)
	case n <= 32:
		p.W32 = make([]uint32, padded)
	case n <= 56:
		p.W48 = newOddInts(padded, (n+7)/8)
	default:
		p.W64 = make([]uint64, padded)
	}
	return p
}

// Delta returns value i as a difference from low.
func (p *Packed) Delta(i int) uint64 {
	switch {
	case p.W8 != nil:
		return uint64(p.W8[i])
	case p.W16 != nil:
		return uint64(p.W16[i])
	case p.W24 != nil:
		return uint64(p.W24.At(i))
	case p.W32 != nil:
		return uint64(p.W32[i])
	case p.W48.Raw != nil:
		return p.W48.At(i)
	case p.W64 != nil:
		return p.W64[i]
	}
	return 0
}

// At returns value i.
func (p *Packed) At(i int) int64 { return p.Low + int64(p.Delta(i)) }

// Set writes value i, which must lie in the range given to newPacked.
func (p *Packed) Set(i int, v int64) {
	d := uint64(v) - uint64(p.Low)
	switch {
	case p.W8 != nil:
		p.W8[i] = uint8(d)
	case p.W16 != nil:
		p.W16[i] = uint16(d)
	case p.W24 != nil:
		p.W24.set(i, uint32(d))
	case p.W32 != nil:
		p.W32[i] = uint32(d)
	case p.W48.Raw != nil:
		p.W48.set(i, d)
	case p.W64 != nil:
		p.W64[i] = d
	}
}

// High returns the upper end of the range.
func (p *Packed) High() int64 { return int64(uint64(p.Low) + p.Span) }

// Bytes returns what the values take in memory.
func (p *Packed) Bytes() int64 {
	return int64(len(p.W8) + 2*len(p.W16) + len(p.W24) + 4*len(p.W32) + len(p.W48.Raw) + 8*len(p.W64))
}

// Unpack writes a block's values to dst.
func (p *Packed) Unpack(block int, dst *[BlockRows]int64) {
	from, to := block*BlockRows, (block+1)*BlockRows
	switch {
	case p.W8 != nil:
		unpackInto(dst, p.W8[from:to], p.Low)
	case p.W16 != nil:
		unpackInto(dst, p.W16[from:to], p.Low)
	case p.W24 != nil:
		var wide [BlockRows]uint32
		unpackInto(dst, p.W24.Block(block, &wide), p.Low)
	case p.W32 != nil:
		unpackInto(dst, p.W32[from:to], p.Low)
	case p.W48.Raw != nil:
		var wide [BlockRows]uint64
		unpackInto(dst, p.W48.Block(block, &wide), p.Low)
	case p.W64 != nil:
		unpackInto(dst, p.W64[from:to], p.Low)
	default:
		for i := range dst {
			dst[i] = p.Low
		}
	}
}

func unpackInto[T Unsigned](dst *[BlockRows]int64, src []T, low int64) {
	src = src[:BlockRows]
	for i := range dst {
		dst[i] = low + int64(src[i])
	}
}

// Convert copies n values of src from srcAt to at; all lie in p's range.
func (p *Packed) Convert(at int, src *Packed, srcAt, n int) {
	shift := uint64(src.Low) - uint64(p.Low)
	switch {
	case p.W8 != nil:
		convertFrom(p.W8[at:at+n], src, srcAt, shift)
	case p.W16 != nil:
		convertFrom(p.W16[at:at+n], src, srcAt, shift)
	case p.W32 != nil:
		convertFrom(p.W32[at:at+n], src, srcAt, shift)
	case p.W64 != nil:
		convertFrom(p.W64[at:at+n], src, srcAt, shift)
	case p.W24 != nil && src.W24 != nil && shift == 0:
		p.W24.copy(at, src.W24, srcAt, n)
	case p.W48.stride > 0 && p.W48.stride == src.W48.stride && shift == 0:
		p.W48.copy(at, src.W48, srcAt, n)
	case p.W24 != nil:
		for i := range n {
			p.W24.set(at+i, uint32(src.Delta(srcAt+i)+shift))
		}
	case p.W48.Raw != nil:
		for i := range n {
			p.W48.set(at+i, src.Delta(srcAt+i)+shift)
		}
	}
}

func convertFrom[D Unsigned](dst []D, src *Packed, from int, shift uint64) {
	to := from + len(dst)
	switch {
	case src.W8 != nil:
		shifted(dst, src.W8[from:to], shift)
	case src.W16 != nil:
		shifted(dst, src.W16[from:to], shift)
	case src.W32 != nil:
		shifted(dst, src.W32[from:to], shift)
	case src.W64 != nil:
		shifted(dst, src.W64[from:to], shift)
	default: // of odd widths, or all one
		for i := range dst {
			dst[i] = D(src.Delta(from+i) + shift)
		}
	}
}

func shifted[D, S Unsigned](dst []D, src []S, shift uint64) {
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
