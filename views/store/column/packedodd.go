package column

import "encoding/binary"

// Uint24s are integers of three bytes, the least significant first. Where a kernel for them
// does not pay, a block is widened first.
type Uint24s []byte

// oddRoom is how many zero bytes lie behind the last integer, so that all can be read as words.
const oddRoom = 8

func newUint24s(n int) Uint24s { return make(Uint24s, 3*n+oddRoom) }

// At returns integer i.
func (u Uint24s) At(i int) uint32 { return binary.LittleEndian.Uint32(u[3*i:]) & (1<<24 - 1) }

func (u Uint24s) set(i int, v uint32) {
	b := u[3*i : 3*i+3 : 3*i+3]
	b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16)
}

func (u Uint24s) copy(at int, src Uint24s, from, n int) {
	copy(u[3*at:3*(at+n)], src[3*from:3*(from+n)])
}

// Block24 is a block of them, and a byte behind it. An array's length gives the compiler
// that no index is out of range.
type Block24 [3*BlockRows + 1]byte

// Eight24 is eight of them.
type Eight24 [3*8 + 1]byte

// At returns integer i.
func (v *Eight24) At(i int) uint32 { return binary.LittleEndian.Uint32(v[3*i:]) & (1<<24 - 1) }

// Bytes returns a block as it is.
func (u Uint24s) Bytes(block int) *Block24 { return (*Block24)(u[3*BlockRows*block:]) }

// Block returns a block, widened into to.
func (u Uint24s) Block(n int, to *[BlockRows]uint32) []uint32 {
	src := u.Bytes(n)
	for i := range to {
		to[i] = binary.LittleEndian.Uint32(src[3*i:3*i+4]) & (1<<24 - 1)
	}
	return to[:]
}

// oddInts are integers of five to seven bytes, the least significant first: times of
// microseconds, nearly always.
type oddInts struct {
	Raw    []byte
	stride int // bytes of one
	mask   uint64
}

func newOddInts(n, stride int) oddInts {
	return oddInts{Raw: make([]byte, stride*n+oddRoom), stride: stride, mask: 1<<(8*stride) - 1}
}

// At returns integer i.
func (o *oddInts) At(i int) uint64 { return binary.LittleEndian.Uint64(o.Raw[o.stride*i:]) & o.mask }

// set writes no byte of another integer: several goroutines may fill one array.
func (o *oddInts) set(i int, v uint64) {
	b := o.Raw[o.stride*i : o.stride*(i+1)]
	for k := range b {
		b[k] = byte(v >> (8 * k))
	}
}

func (o *oddInts) copy(at int, src oddInts, from, n int) {
	copy(o.Raw[o.stride*at:o.stride*(at+n)], src.Raw[o.stride*from:o.stride*(from+n)])
}

// Block returns a block, widened into to.
func (o *oddInts) Block(n int, to *[BlockRows]uint64) []uint64 {
	from, mask := o.Raw[o.stride*BlockRows*n:], o.mask
	switch o.stride {
	case 5:
		src := (*[5*BlockRows + 3]byte)(from)
		for i := range to {
			to[i] = binary.LittleEndian.Uint64(src[5*i:5*i+8]) & mask
		}
	case 6:
		src := (*[6*BlockRows + 2]byte)(from)
		for i := range to {
			to[i] = binary.LittleEndian.Uint64(src[6*i:6*i+8]) & mask
		}
	default:
		src := (*[7*BlockRows + 1]byte)(from)
		for i := range to {
			to[i] = binary.LittleEndian.Uint64(src[7*i:7*i+8]) & mask
		}
	}
	return to[:]
}
