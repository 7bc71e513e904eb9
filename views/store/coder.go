package store

import (
	"math/bits"

	"github.com/tidemark/tidemark/tables"
)

// coder numbers the distinct values of a column 0, 1, 2 ... in the order in which
// they are met; null is a value like any other here. Numbers of two coders differ.
type coder struct {
	v     *version
	col   int
	count uint32
	nul   uint32 // the number of null plus one
	// direct has the numbers plus one of values that are close to each other, by
	// their distance from low; codes of a base's dictionary are such values.
	direct []uint32
	low    int64
	ints   *numbering        // of the other int64s
	wides  map[wide]uint32   // formWide
	texts  map[string]uint32 // formText, where there is no code of the base
	float  bool
}

// maxDirect is how many numbers a table that is looked into without hashing has.
const maxDirect = 1 << 16

func newCoder(v *version, col int) *coder {
	c := &coder{v: v, col: col, float: v.layout.types[col].Kind == tables.Float64}
	base := &v.base.cols[col]
	if base.coded() && base.ints.span < maxDirect {
		c.direct, c.low = make([]uint32, base.ints.span+1), base.ints.low
	}
	switch v.layout.forms[col] {
	case formInt:
		c.ints = newNumbering()
	case formWide:
		c.wides = map[wide]uint32{}
	case formText:
		c.texts = map[string]uint32{}
		if base.dict != nil && c.direct == nil {
			c.direct = make([]uint32, base.ints.span+1)
		}
	}
	return c
}

func (c *coder) fresh() uint32 {
	c.count++
	return c.count - 1
}

// codes writes the numbers of the rows' values to out.
func (c *coder) codes(b *batchOfRows, out []uint32) {
	switch form := c.v.layout.forms[c.col]; {
	case form == formInt, form == formText && !b.inDelta && c.v.base.cols[c.col].dict != nil:
		c.intCodes(b, out)
	default:
		for i := range out {
			out[i] = c.slow(b.ref(i))
		}
	}
}

func (c *coder) intCodes(b *batchOfRows, out []uint32) {
	ints, nullable := b.ints(c.col), b.nullable(c.col)
	for i, at := range b.at {
		if nullable && b.isNull(c.col, int(at)) {
			out[i] = c.null()
			continue
		}
		out[i] = c.int(ints[at])
	}
}

func (c *coder) null() uint32 {
	if c.nul == 0 {
		c.nul = c.fresh() + 1
	}
	return c.nul - 1
}

func (c *coder) int(x int64) uint32 {
	if c.float && x == negativeZero {
		x = 0
	}
	if d := uint64(x) - uint64(c.low); d < uint64(len(c.direct)) {
		if c.direct[d] == 0 {
			c.direct[d] = c.fresh() + 1
		}
		return c.direct[d] - 1
	}
	n, known := c.ints.number(uint64(x), c.count)
	if !known {
		c.count++
	}
	return n
}

// slow numbers wide values and texts that have no code.
func (c *coder) slow(r ref) uint32 {
	if c.v.isNull(r, c.col) {
		return c.null()
	}
	if c.wides != nil {
		w := c.v.wide(r, c.col)
		n, ok := c.wides[w]
		if !ok {
			n = c.fresh()
			c.wides[w] = n
		}
		return n
	}
	s := c.v.text(r, c.col)
	if n, ok := c.texts[s]; ok {
		return n
	}
	n := uint32(0)
	code, found := 0, false
	if d := c.v.base.cols[c.col].dict; d != nil {
		code, found = d.find(s)
	}
	if found {
		n = c.int(int64(code))
	} else {
		n = c.fresh()
	}
	c.texts[s] = n
	return n
}

// pairCoder numbers pairs of numbers.
type pairCoder struct {
	pairs *numbering
	count uint32
}

func newPairCoder() *pairCoder { return &pairCoder{pairs: newNumbering()} }

// join replaces each number of a by that of the pair with b's.
func (p *pairCoder) join(a, b []uint32) {
	b = b[:len(a)]
	for i := range a {
		n, known := p.pairs.number(uint64(a[i])<<32|uint64(b[i]), p.count)
		if !known {
			p.count++
		}
		a[i] = n
	}
}

// numbering is a hash table from integers to numbers.
type numbering struct {
	keys    []uint64
	numbers []uint32 // plus one; 0 where the slot is free
	used    int
	shift   uint
}

const firstSlots = 1 << 8

func newNumbering() *numbering {
	return &numbering{keys: make([]uint64, firstSlots), numbers: make([]uint32, firstSlots), shift: uint(64 - bits.Len(firstSlots-1))}
}

// number returns the number of x, which becomes next when x has none.
func (h *numbering) number(x uint64, next uint32) (n uint32, known bool) {
	at := mix(x) >> h.shift
	for h.numbers[at] != 0 {
		if h.keys[at] == x {
			return h.numbers[at] - 1, true
		}
		at = (at + 1) & uint64(len(h.keys)-1)
	}
	h.keys[at], h.numbers[at] = x, next+1
	if h.used++; h.used*2 > len(h.keys) {
		h.grow()
	}
	return next, false
}

func (h *numbering) grow() {
	keys, numbers := h.keys, h.numbers
	h.keys, h.numbers = make([]uint64, 2*len(keys)), make([]uint32, 2*len(keys))
	h.shift--
	for i, n := range numbers {
		if n == 0 {
			continue
		}
		at := mix(keys[i]) >> h.shift
		for h.numbers[at] != 0 {
			at = (at + 1) & uint64(len(h.keys)-1)
		}
		h.keys[at], h.numbers[at] = keys[i], n
	}
}
