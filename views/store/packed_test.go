package store

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
			values := make([]int64, 2*blockRows+300)
			for i := range values {
				values[i] = int64(uint64(low) + r.Uint64()&span)
			}
			p := newPacked(len(values), low, int64(uint64(low)+span))
			for _, i := range r.Perm(len(values)) { // in any order: no value spoils its neighbours
				p.set(i, values[i])
			}
			checkPacked(t, &p, values)
			from, n := r.IntN(100), 1500
			for _, wider := range []int{bits, min(bits+1, 63), 63, 64} {
				to := packedFor(low, span, wider, len(values))
				to.convert(7, &p, from, n)
				for i := range n {
					if got := to.at(7 + i); got != values[from+i] {
						t.Fatalf("value %d converted to %d bits is %d, want %d", i, wider, got, values[from+i])
					}
				}
			}
		})
	}
}

// packedFor returns an array whose range has so many bits and holds the given one, where
// that is possible, with another low.
func packedFor(low int64, span uint64, bits, rows int) packed {
	if bits >= 63 || bits == 0 {
		return newPacked(rows, -1<<63, 1<<63-1)
	}
	if wider := uint64(1)<<bits - 1; wider > span && low > -1<<62 {
		return newPacked(rows, low-int64(min(wider-span, 1<<61)), int64(uint64(low)+span))
	}
	return newPacked(rows, low, int64(uint64(low)+span))
}

func checkPacked(t *testing.T, p *packed, values []int64) {
	t.Helper()
	for i, want := range values {
		if got := p.at(i); got != want {
			t.Fatalf("value %d of %d is %d, want %d", i, p.span, got, want)
		}
	}
	for block := range blocksFor(len(values)) {
		of := values[block<<blockBits : min((block+1)<<blockBits, len(values))]
		var all [blockRows]int64
		p.unpack(block, &all)
		low, high := of[0], of[0]
		for i, want := range of {
			if all[i] != want {
				t.Fatalf("value %d of block %d unpacked is %d, want %d", i, block, all[i], want)
			}
			low, high = min(low, want), max(high, want)
		}
		if p.span == 0 {
			continue
		}
		if got, want := p.zone(block, len(of)), (zone{uint64(low) - uint64(p.low), uint64(high) - uint64(p.low)}); got != want {
			t.Fatalf("zone of block %d is %v, want %v", block, got, want)
		}
		of = of[:min(len(of), blockRows)]
		from, to := min(of[0], of[len(of)-1]), max(of[0], of[len(of)-1])
		in := packedRange{ints: p, from: uint64(from) - uint64(p.low), width: uint64(to) - uint64(from)}
		var m mask
		in.mark(block, &m)
		for i, v := range of {
			if got, want := m[i>>6]>>(i&63)&1 == 1, v >= from && v <= to; got != want {
				t.Fatalf("%d is marked as one from %d to %d: %v", v, from, to, got)
			}
		}
	}
}
