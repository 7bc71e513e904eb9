package store

// Rows here and there in a large base are not in the processor's caches, and a loop that does
// much with each row waits for them one after the other. Touching the values first, in a loop
// that does nothing else, lets it wait for many of them at once.

// touchRows is how many rows are touched at a time: their lines of several columns stay in
// the second cache.
const touchRows = 256

// touchBase is how many rows a base has at least for touching to pay.
const touchBase = 1 << 16

// touch reads something of each row's value.
//
//go:noinline
func (c *column) touch(rows []uint32) (sum uint64) {
	switch p := &c.ints; {
	case c.texts != nil:
		return c.texts.touch(rows)
	case c.form == formWide:
		for _, row := range rows {
			sum += c.los[row] + uint64(c.his[row])
		}
	case p.w8 != nil:
		sum = touched(p.w8, rows)
	case p.w16 != nil:
		sum = touched(p.w16, rows)
	case p.w24 != nil:
		for _, row := range rows {
			sum += uint64(p.w24.at(int(row)))
		}
	case p.w32 != nil:
		sum = touched(p.w32, rows)
	case p.w48.bytes != nil:
		for _, row := range rows {
			sum += p.w48.at(int(row))
		}
	case p.w64 != nil:
		sum = touched(p.w64, rows)
	}
	return sum
}

func touched[T unsigned](values []T, rows []uint32) (sum uint64) {
	for _, row := range rows {
		sum += uint64(values[row])
	}
	return sum
}

// touch reads where the texts are, and then their first bytes.
func (a *arena) touch(rows []uint32) (sum uint64) {
	for _, row := range rows {
		sum += a.bounds(int(row)) + uint64(len(a.blocks[row>>blockBits]))
	}
	for _, row := range rows {
		if s := a.text(int(row)); s != "" {
			sum += uint64(s[0])
		}
	}
	return sum
}

// touch reads whether the rows were superseded at all.
//
//go:noinline
func (g *grave) touch(rows []uint32) (sum uint64) {
	for _, row := range rows {
		if b := g.blocks[row>>blockBits].Load(); b != nil {
			sum += b.dead[row>>6%blockWords].Load()
		}
	}
	return sum
}

// touch touches the rows of an answer that lie in the base, in its columns, when they
// are some and lie here and there.
func (r *Result) touch() {
	base := r.order.v.base
	if len(r.refs) < 8 || base.rows < touchBase {
		return
	}
	rows := make([]uint32, 0, min(len(r.refs), touchRows))
	for _, e := range r.refs[:cap(rows)] {
		if !e.ref.inDelta() {
			rows = append(rows, uint32(e.ref.row()))
		}
	}
	for _, o := range r.Outputs {
		base.cols[o.Column].touch(rows)
	}
}
