package filter

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/views/store/column"
)

// TestRangesOfEveryWidth marks ranges of random values that are packed in each width.
func TestRangesOfEveryWidth(t *testing.T) {
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
			values := make([]int64, 2*column.BlockRows+300)
			p := column.NewPacked(len(values), low, int64(uint64(low)+span))
			for i := range values {
				values[i] = int64(uint64(low) + r.Uint64()&span)
				p.Set(i, values[i])
			}
			checkMarks(t, &p, values)
		})
	}
}

// checkMarks marks in each block the values between its first and its last one.
func checkMarks(t *testing.T, p *column.Packed, values []int64) {
	t.Helper()
	for block := range column.BlocksFor(len(values)) {
		of := values[block<<column.BlockBits : min((block+1)<<column.BlockBits, len(values))]
		if p.Span == 0 {
			continue
		}
		of = of[:min(len(of), column.BlockRows)]
		from, to := min(of[0], of[len(of)-1]), max(of[0], of[len(of)-1])
		in := packedRange{ints: p, from: uint64(from) - uint64(p.Low), width: uint64(to) - uint64(from)}
		var m column.Mask
		in.mark(block, &m)
		for i, v := range of {
			if got, want := m[i>>6]>>(i&63)&1 == 1, v >= from && v <= to; got != want {
				t.Fatalf("%d is marked as one from %d to %d: %v", v, from, to, got)
			}
		}
	}
}
