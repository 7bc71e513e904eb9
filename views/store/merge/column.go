package merge

import (
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// columnMerge makes one column of a new base.
type columnMerge struct {
	*Merge
	col  int
	old  *column.Column
	runs []run
	rows int
	busy column.Yield
}

// each calls old for the runs of the old base and added for each added row, with
// the place of the first row in the new base. Long runs come in parts, for the sake of
// those who wait for the core.
func (c *columnMerge) each(old func(at, from, n int), added func(at int, ch *column.Chunk, i int)) {
	at := 0
	for _, r := range c.runs {
		c.busy.Worked(1)
		if !r.from.InDelta() {
			for from, end := r.from.Row(), r.from.Row()+int(r.n); from < end; {
				n := min(end-from, column.YieldRows)
				old(at, from, n)
				from, at = from+n, at+n
				c.busy.Worked(n)
			}
			continue
		}
		for k := range int(r.n) {
			ch, i := c.addedRow(r.from.Row() + k)
			added(at, ch, i)
			at++
		}
	}
}

func (c *columnMerge) addedRow(n int) (*column.Chunk, int) {
	c.busy.Worked(comparedRows)
	ch, i := mvcc.At(c.v.Chunks, c.added[n].Ref.Row())
	return &ch.Cols[c.col], i
}

// bitmaps writes which rows have a value, and which of the others' are unavailable.
func (c *columnMerge) bitmaps(out *column.Column) {
	absent, gone := c.old.Valid != nil, c.old.Gone != nil
	for n := range c.added {
		ch, i := c.addedRow(n)
		absent = absent || ch.States[i] != column.Present
		gone = gone || ch.States[i] == column.Unavailable
	}
	if !absent {
		return
	}
	out.Valid = column.NewBitmap(c.rows)
	if gone {
		out.Gone = column.NewBitmap(c.rows)
	}
	c.each(func(at, from, n int) {
		if c.old.Valid == nil {
			column.SetBits(out.Valid, at, n)
			return
		}
		column.CopyBits(out.Valid, at, c.old.Valid, from, n)
		if c.old.Gone != nil {
			column.CopyBits(out.Gone, at, c.old.Gone, from, n)
		}
	}, func(at int, ch *column.Chunk, i int) {
		switch ch.States[i] {
		case column.Present:
			out.Valid.Set(at)
		case column.Unavailable:
			out.Gone.Set(at)
		}
	})
	out.TrimBitmaps(c.rows)
}

func (c *columnMerge) intValues(out *column.Column) {
	low, high := c.old.Ints.Low, c.old.Ints.High()
	empty := c.v.Base.Rows == 0
	for n := range c.added {
		ch, i := c.addedRow(n)
		if ch.States[i] != column.Present {
			continue
		}
		x := int64(ch.Ints[i])
		if empty {
			low, high, empty = x, x, false
		}
		low, high = min(low, x), max(high, x)
	}
	out.Ints = column.NewPacked(c.rows, low, high)
	c.each(func(at, from, n int) {
		out.Ints.Convert(at, &c.old.Ints, from, n)
	}, func(at int, ch *column.Chunk, i int) {
		if ch.States[i] == column.Present {
			out.Ints.Set(at, int64(ch.Ints[i]))
		}
	})
}

func (c *columnMerge) wideValues(out *column.Column) {
	padded := column.BlocksFor(c.rows) * column.BlockRows
	out.His, out.Los = make([]int64, padded), make([]uint64, padded)
	c.each(func(at, from, n int) {
		copy(out.His[at:at+n], c.old.His[from:from+n])
		copy(out.Los[at:at+n], c.old.Los[from:from+n])
	}, func(at int, ch *column.Chunk, i int) {
		out.His[at], out.Los[at] = ch.His[i], ch.Los[i]
	})
}
