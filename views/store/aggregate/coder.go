package aggregate

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// coder numbers the distinct values of a column 1, 2, 3 ... in the order in which
// they are met; null is a value like any other here.
type coder struct {
	v    *mvcc.Version
	col  int
	last uint32
	nul  uint32 // the number of null
	// direct has the numbers of values that are close to each other, by their
	// distance from low; codes of a base's dictionary are such values.
	direct []uint32
	low    int64
	ints   *column.Numbering      // of the other int64s
	wides  map[column.Wide]uint32 // formWide
	texts  map[string]uint32      // formText, where there is no code of the base
	float  bool
}

// directSpan is how many numbers a table that is looked into without hashing has at
// most, for a base of so many rows.
func directSpan(rows int) uint64 { return uint64(min(max(1<<16, rows/4), 1<<22)) }

func newCoder(v *mvcc.Version, col int) *coder {
	c := &coder{v: v, col: col, float: v.Layout.Types[col].Kind == tables.Float64}
	base := &v.Base.Cols[col]
	if base.Dict != nil || base.Form == column.FormInt && base.Ints.Span < directSpan(v.Base.Rows) {
		c.direct, c.low = make([]uint32, base.Ints.Span+1), base.Ints.Low
	}
	switch v.Layout.Forms[col] {
	case column.FormInt:
		c.ints = column.NewNumbering()
	case column.FormWide:
		c.wides = map[column.Wide]uint32{}
	case column.FormText:
		c.texts = map[string]uint32{}
	}
	return c
}

func (c *coder) fresh() uint32 {
	c.last++
	return c.last
}

// codes writes the numbers of the rows' values to out.
func (c *coder) codes(b *batchOfRows, out []uint32) {
	switch form := c.v.Layout.Forms[c.col]; {
	case form == column.FormInt, !b.inDelta && c.v.Base.Cols[c.col].Dict != nil:
		if b.all && c.direct != nil && !b.nullable(c.col) && !c.float {
			c.wholeCodes(b, out)
			return
		}
		c.intCodes(b, out)
	default:
		for i := range out {
			out[i] = c.slow(b.ref(i))
		}
	}
}

func (c *coder) intCodes(b *batchOfRows, out []uint32) {
	ints, nullable := b.ints(c.col), b.nullable(c.col)
	for i, x := range ints {
		if nullable && b.isNull(c.col, i) {
			out[i] = c.null()
			continue
		}
		out[i] = c.int(x)
	}
}

// wholeCodes numbers a whole block of values that all have a place in direct.
func (c *coder) wholeCodes(b *batchOfRows, out []uint32) {
	switch p, from := b.packed(c.col); {
	case p.W8 != nil:
		wholeCodes(c, p.W8[from:from+column.BlockRows], out)
	case p.W16 != nil:
		wholeCodes(c, p.W16[from:from+column.BlockRows], out)
	case p.W24 != nil:
		var wide [column.BlockRows]uint32
		wholeCodes(c, p.W24.Block(b.block, &wide), out)
	case p.W32 != nil:
		wholeCodes(c, p.W32[from:from+column.BlockRows], out)
	default:
		c.intCodes(b, out)
	}
}

func wholeCodes[T column.Unsigned](c *coder, values []T, out []uint32) {
	values, out = values[:column.BlockRows], out[:column.BlockRows]
	for i, x := range values {
		n := c.direct[x]
		if n == 0 {
			n = c.fresh()
			c.direct[x] = n
		}
		out[i] = n
	}
}

func (c *coder) null() uint32 {
	if c.nul == 0 {
		c.nul = c.fresh()
	}
	return c.nul
}

func (c *coder) int(x int64) uint32 {
	if c.float && x == column.NegativeZero {
		x = 0
	}
	if d := uint64(x) - uint64(c.low); d < uint64(len(c.direct)) {
		if c.direct[d] == 0 {
			c.direct[d] = c.fresh()
		}
		return c.direct[d]
	}
	n := c.ints.Number(uint64(x), c.last+1)
	c.last = max(c.last, n)
	return n
}

// slow numbers wide values, and texts that have no code.
func (c *coder) slow(r mvcc.Ref) uint32 {
	if c.v.IsNull(r, c.col) {
		return c.null()
	}
	if c.wides != nil {
		w := c.v.Wide(r, c.col)
		n, ok := c.wides[w]
		if !ok {
			n = c.fresh()
			c.wides[w] = n
		}
		return n
	}
	s := c.v.Text(r, c.col)
	if n, ok := c.texts[s]; ok {
		return n
	}
	var n uint32
	code, found := 0, false
	if d := c.v.Base.Cols[c.col].Dict; d != nil {
		code, found = d.Find(s)
	}
	if found {
		n = c.int(int64(code))
	} else {
		n = c.fresh()
	}
	c.texts[s] = n
	return n
}

// pairCoder numbers pairs of numbers, 1, 2, 3 ...
type pairCoder struct {
	pairs *column.Numbering
	last  uint32
}

func newPairCoder() *pairCoder { return &pairCoder{pairs: column.NewNumbering()} }

// join replaces each number of a by that of the pair with b's.
func (p *pairCoder) join(a, b []uint32) {
	b = b[:len(a)]
	for i := range a {
		n := p.pairs.Number(uint64(a[i])<<32|uint64(b[i]), p.last+1)
		p.last = max(p.last, n)
		a[i] = n
	}
}
