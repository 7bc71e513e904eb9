package store

import "encoding/binary"

// uint24s are integers of three bytes, the least significant first. Where a kernel for them
// does not pay, a block is widened first.
type uint24s []byte

// oddRoom is how many zero bytes lie behind the last integer, so that all can be read as words.
const oddRoom = 8

func newUint24s(n int) uint24s { return make(uint24s, 3*n+oddRoom) }

func (u uint24s) at(i int) uint32 { return binary.LittleEndian.Uint32(u[3*i:]) & (1<<24 - 1) }

func (u uint24s) set(i int, v uint32) {
	b := u[3*i : 3*i+3 : 3*i+3]
	b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16)
}

func (u uint24s) copy(at int, src uint24s, from, n int) {
	copy(u[3*at:3*(at+n)], src[3*from:3*(from+n)])
}

// block24 is a block of them, and a byte behind it. An array's length tells the compiler
// that no index is out of range.
type block24 [3*blockRows + 1]byte

// eight24 is eight of them.
type eight24 [3*8 + 1]byte

func (v *eight24) at(i int) uint32 { return binary.LittleEndian.Uint32(v[3*i:]) & (1<<24 - 1) }

func (u uint24s) bytes(block int) *block24 { return (*block24)(u[3*blockRows*block:]) }

// block returns a block, widened into to.
func (u uint24s) block(n int, to *[blockRows]uint32) []uint32 {
	src := u.bytes(n)
	for i := range to {
		to[i] = binary.LittleEndian.Uint32(src[3*i:3*i+4]) & (1<<24 - 1)
	}
	return to[:]
}

// oddInts are integers of five to seven bytes, the least significant first: times of
// microseconds, nearly always.
type oddInts struct {
	bytes  []byte
	stride int // bytes of one
	mask   uint64
}

func newOddInts(n, stride int) oddInts {
	return oddInts{bytes: make([]byte, stride*n+oddRoom), stride: stride, mask: 1<<(8*stride) - 1}
}

func (o *oddInts) at(i int) uint64 { return binary.LittleEndian.Uint64(o.bytes[o.stride*i:]) & o.mask }

// set writes no byte of another integer: several goroutines may fill one array.
func (o *oddInts) set(i int, v uint64) {
	b := o.bytes[o.stride*i : o.stride*(i+1)]
	for k := range b {
		b[k] = byte(v >> (8 * k))
	}
}

func (o *oddInts) copy(at int, src oddInts, from, n int) {
	copy(o.bytes[o.stride*at:o.stride*(at+n)], src.bytes[o.stride*from:o.stride*(from+n)])
}

// block returns a block, widened into to.
func (o *oddInts) block(n int, to *[blockRows]uint64) []uint64 {
	from, mask := o.bytes[o.stride*blockRows*n:], o.mask
	switch o.stride {
	case 5:
		src := (*[5*blockRows + 3]byte)(from)
		for i := range to {
			to[i] = binary.LittleEndian.Uint64(src[5*i:5*i+8]) & mask
		}
	case 6:
		src := (*[6*blockRows + 2]byte)(from)
		for i := range to {
			to[i] = binary.LittleEndian.Uint64(src[6*i:6*i+8]) & mask
		}
	default:
		src := (*[7*blockRows + 1]byte)(from)
		for i := range to {
			to[i] = binary.LittleEndian.Uint64(src[7*i:7*i+8]) & mask
		}
	}
	return to[:]
}
