package column

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestPackedHoldsEveryWidth fills arrays of each width with random values, and reads them
// in every way there is.
func TestPackedHoldsEveryWidth(t *testing.T) {
	for bits := range 65 {
		t.Run(fmt.Sprintf("%d bits", bits), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(bits), 1))
			low := r.Int64() - r.Int64()
			if bits == 64 {
				low = -1 << 63
			}
			span := uint64(1)<<bits - 1
			if bits < 64 && uint64(low)+span+1<<63 < uint64(low)+1<<63 {
				low = 0
			}
			values := make([]int64, 2*BlockRows+300)
			for i := range values {
				values[i] = int64(uint64(low) + r.Uint64()&span)
			}
			p := NewPacked(len(values), low, int64(uint64(low)+span))
			for _, i := range r.Perm(len(values)) { // in any order: no value spoils its neighbours
				p.Set(i, values[i])
			}
			checkPacked(t, &p, values)
			from, n := r.IntN(100), 1500
			for _, wider := range []int{bits, min(bits+1, 63), 63, 64} {
				to := packedFor(low, span, wider, len(values))
				to.Convert(7, &p, from, n)
				for i := range n {
					if got := to.At(7 + i); got != values[from+i] {
						t.Fatalf("value %d converted to %d bits is %d, want %d", i, wider, got, values[from+i])
					}
				}
			}
		})
	}
}

// packedFor returns an array whose range has so many bits and holds the given one, where
// that is possible, with another low.
func packedFor(low int64, span uint64, bits, rows int) Packed {
	if bits >= 63 || bits == 0 {
		return NewPacked(rows, -1<<63, 1<<63-1)
	}
	if wider := uint64(1)<<bits - 1; wider > span && low > -1<<62 {
		return NewPacked(rows, low-int64(min(wider-span, 1<<61)), int64(uint64(low)+span))
	}
	return NewPacked(rows, low, int64(uint64(low)+span))
}

func checkPacked(t *testing.T, p *Packed, values []int64) {
	t.Helper()
	for i, want := range values {
		if got := p.At(i); got != want {
			t.Fatalf("value %d of %d is %d, want %d", i, p.Span, got, want)
		}
	}
	for block := range BlocksFor(len(values)) {
		of := values[block<<BlockBits : min((block+1)<<BlockBits, len(values))]
		var all [BlockRows]int64
		p.Unpack(block, &all)
		low, high := of[0], of[0]
		for i, want := range of {
			if all[i] != want {
				t.Fatalf("value %d of block %d unpacked is %d, want %d", i, block, all[i], want)
			}
			low, high = min(low, want), max(high, want)
		}
		if p.Span == 0 {
			continue
		}
		if got, want := p.zone(block, len(of)), (Zone{uint64(low) - uint64(p.Low), uint64(high) - uint64(p.Low)}); got != want {
			t.Fatalf("zone of block %d is %v, want %v", block, got, want)
		}
	}
}
