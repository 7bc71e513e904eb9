package mvcc

import (
	"math/rand/v2"
	"testing"
)

func TestIndexOfAnyBuildFindsEveryRow(t *testing.T) {
	const rows = 50_000
	r := rand.New(rand.NewPCG(3, 3))
	hashes := make([]uint64, rows)
	for i := range hashes {
		hashes[i] = r.Uint64()
		if i%5 == 0 { // many at the ends of the parts, so that probing leaves them
			hashes[i] = uint64(i%4+1)<<62 - 1 - uint64(r.IntN(1<<20))
		}
	}
	for cores := range 5 {
		x := newBaseIndex(rows)
		if cores == 0 {
			for row, h := range hashes {
				x.insertAround(h, row)
			}
		} else {
			x.insertAll(hashes, cores)
		}
		for row, h := range hashes {
			if got := x.find(x.first(h), h, func(found int) bool { return found == row }); got != row {
				t.Fatalf("%d cores: row %d is found as %d", cores, row, got)
			}
		}
		if got := x.find(x.first(hashes[0]), hashes[0], func(int) bool { return false }); got != -1 {
			t.Fatalf("%d cores: row %d is found for another key", cores, got)
		}
	}
}
