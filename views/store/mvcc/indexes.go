package mvcc

import (
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/views/store/column"
)

// BuildIndex indexes the keys of all rows, on so many cores.
func (b *Base) BuildIndex(cores int) {
	b.index = newBaseIndex(b.Rows)
	if cores == 1 || b.Rows < b.Layout.Tuning.Index {
		var buf [64]byte
		var busy column.Yield
		for row := range b.Rows {
			b.index.insertAround(hashKeyBytes(b.appendKey(buf[:0], row)), row)
			busy.Worked(1)
		}
		return
	}
	hashes := make([]uint64, b.Rows)
	inParallel(cores, b.Rows, 1<<16, func(from, to int) {
		var buf [64]byte
		for row := from; row < to; row++ {
			hashes[row] = hashKeyBytes(b.appendKey(buf[:0], row))
		}
	})
	b.index.insertAll(hashes, cores)
}

// BuildIndexes indexes the columns that are declared so.
func (b *Base) BuildIndexes(cores int) {
	b.Indexes = map[int]*column.ValueIndex{}
	var cols []int
	for i, c := range b.Layout.Table.Columns {
		if c.Index {
			cols = append(cols, i)
		}
	}
	made := make([]*column.ValueIndex, len(cols))
	inParallel(cores, len(cols), 1, func(from, _ int) { made[from] = column.NewValueIndex(&b.Cols[cols[from]], b.Rows) })
	for i, c := range cols {
		b.Indexes[c] = made[i]
	}
}

// inParallel calls do for consecutive ranges of n items, on so many goroutines.
func inParallel(cores, n, step int, do func(from, to int)) {
	if cores <= 1 || n <= step {
		for from := 0; from < n; from += step {
			do(from, min(from+step, n))
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range cores {
		wg.Go(func() {
			for {
				to := int(next.Add(int64(step)))
				from := to - step
				if from >= n {
					return
				}
				do(from, min(to, n))
			}
		})
	}
	wg.Wait()
}
