package store

// columnMerge makes one column of a new base.
type columnMerge struct {
	*merge
	col  int
	old  *column
	runs []run
	rows int
	busy turn
}

func (m *merge) column(col int, runs []run, rows int) column {
	c := columnMerge{merge: m, col: col, old: &m.v.base.cols[col], runs: runs, rows: rows}
	out := column{typ: c.old.typ, form: c.old.form}
	c.bitmaps(&out)
	switch out.form {
	case formInt:
		c.intValues(&out)
	case formWide:
		c.wideValues(&out)
	case formText:
		c.textValues(&out)
	}
	out.makeZones(rows)
	return out
}

// each calls old for the runs of the old base and added for each added row, with
// the place of the first row in the new base. Long runs come in parts, for the sake of
// those who wait for the core.
func (c *columnMerge) each(old func(at, from, n int), added func(at int, ch *chunkColumn, i int)) {
	at := 0
	for _, r := range c.runs {
		c.busy.worked(1)
		if !r.from.inDelta() {
			for from, end := r.from.row(), r.from.row()+int(r.n); from < end; {
				n := min(end-from, turnRows)
				old(at, from, n)
				from, at = from+n, at+n
				c.busy.worked(n)
			}
			continue
		}
		for k := range int(r.n) {
			ch, i := c.addedRow(r.from.row() + k)
			added(at, ch, i)
			at++
		}
	}
}

func (c *columnMerge) addedRow(n int) (*chunkColumn, int) {
	c.busy.worked(comparedRows)
	ch, i := at(c.v.chunks, c.added[n].ref.row())
	return &ch.cols[c.col], i
}

// bitmaps writes which rows have a value, and which of the others' are unavailable.
func (c *columnMerge) bitmaps(out *column) {
	absent, gone := c.old.valid != nil, c.old.gone != nil
	for n := range c.added {
		ch, i := c.addedRow(n)
		absent = absent || ch.states[i] != present
		gone = gone || ch.states[i] == unavailable
	}
	if !absent {
		return
	}
	out.valid = newBitmap(c.rows)
	if gone {
		out.gone = newBitmap(c.rows)
	}
	c.each(func(at, from, n int) {
		if c.old.valid == nil {
			setBits(out.valid, at, n)
			return
		}
		copyBits(out.valid, at, c.old.valid, from, n)
		if c.old.gone != nil {
			copyBits(out.gone, at, c.old.gone, from, n)
		}
	}, func(at int, ch *chunkColumn, i int) {
		switch ch.states[i] {
		case present:
			out.valid.set(at)
		case unavailable:
			out.gone.set(at)
		}
	})
	out.trimBitmaps(c.rows)
}

// trimBitmaps drops the bitmaps that say nothing.
func (c *column) trimBitmaps(rows int) {
	if c.gone.empty() {
		c.gone = nil
	}
	if c.valid.full(rows) {
		c.valid = nil
	}
}

func (c *columnMerge) intValues(out *column) {
	low, high := c.old.ints.low, c.old.ints.high()
	empty := c.v.base.rows == 0
	for n := range c.added {
		ch, i := c.addedRow(n)
		if ch.states[i] != present {
			continue
		}
		x := int64(ch.ints[i])
		if empty {
			low, high, empty = x, x, false
		}
		low, high = min(low, x), max(high, x)
	}
	out.ints = newPacked(c.rows, low, high)
	c.each(func(at, from, n int) {
		out.ints.convert(at, &c.old.ints, from, n)
	}, func(at int, ch *chunkColumn, i int) {
		if ch.states[i] == present {
			out.ints.set(at, int64(ch.ints[i]))
		}
	})
}

func (c *columnMerge) wideValues(out *column) {
	padded := blocksFor(c.rows) * blockRows
	out.his, out.los = make([]int64, padded), make([]uint64, padded)
	c.each(func(at, from, n int) {
		copy(out.his[at:at+n], c.old.his[from:from+n])
		copy(out.los[at:at+n], c.old.los[from:from+n])
	}, func(at int, ch *chunkColumn, i int) {
		out.his[at], out.los[at] = ch.his[i], ch.los[i]
	})
}
