package aggregate

import (
	"math/bits"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// distinct counts the different values of each group. Where the values of the base
// are close to each other, or are codes of a dictionary, a group's are bits; other
// values, and those of groups for which there is no more room, are pairs of group
// and number in a hash table.
type distinct struct {
	v     *mvcc.Version
	col   int
	low   int64
	span  uint64 // 0 without bits
	sets  []column.Bitmap
	words int // of all sets
	codes *coder
	first []mvcc.Ref // a row of each number of codes
	pairs *column.Numbering
	found []uint64 // the pairs
	n     []int64  // of each group
}

func newDistinct(v *mvcc.Version, col int) *distinct {
	d := &distinct{v: v, col: col, codes: newCoder(v, col), first: make([]mvcc.Ref, 1), pairs: column.NewNumbering()}
	base := &v.Base.Cols[col]
	if base.Coded() && base.Ints.Span < directSpan(v.Base.Rows) && v.Layout.Types[col].Kind != tables.Float64 {
		d.low, d.span = base.Ints.Low, base.Ints.Span+1
	}
	return d
}

func (d *distinct) grow(groups int) {
	d.n = extend(d.n, groups)
	if d.span > 0 {
		d.sets = extend(d.sets, groups)
	}
}

// set returns the bits of a group, or nil when it has to do without.
func (d *distinct) set(g uint32) column.Bitmap {
	if d.sets[g] == nil && d.words < d.v.Layout.Tuning.SetWords {
		d.sets[g] = make(column.Bitmap, (d.span+63)/64)
		d.words += len(d.sets[g])
	}
	return d.sets[g]
}

// coded reports whether the int64s of b stand for the values.
func (d *distinct) coded(b *batchOfRows) bool {
	return d.span > 0 && (d.v.Layout.Forms[d.col] == column.FormInt || !b.inDelta)
}

func (d *distinct) add(b *batchOfRows, groups []uint32) {
	if !d.coded(b) {
		for i, g := range groups {
			if g != nowhere && !b.isNull(d.col, i) {
				d.one(g, b.ref(i))
			}
		}
		return
	}
	nullable := b.nullable(d.col)
	for i, x := range b.ints(d.col) {
		g := groups[i]
		if nullable && b.isNull(d.col, i) || g == nowhere {
			continue
		}
		place := uint64(x) - uint64(d.low)
		if place < d.span {
			if s := d.set(g); s != nil {
				s[place>>6] |= 1 << (place & 63)
				continue
			}
		}
		d.one(g, b.ref(i))
	}
}

// one takes a value that is not null by its row.
func (d *distinct) one(g uint32, r mvcc.Ref) {
	if d.span > 0 {
		place, ok := d.place(r)
		if s := d.sets[g]; ok && (s != nil || d.words < d.v.Layout.Tuning.SetWords) {
			s = d.set(g)
			s[place>>6] |= 1 << (place & 63)
			return
		}
	}
	code := d.number(r)
	if int(code) == len(d.first) {
		d.first = append(d.first, r)
	}
	d.pair(g, code)
}

// place returns a value's bit.
func (d *distinct) place(r mvcc.Ref) (uint64, bool) {
	x := int64(0)
	switch {
	case d.v.Layout.Forms[d.col] == column.FormInt:
		x = d.v.Int(r, d.col)
	case r.InDelta():
		code, ok := d.v.Base.Cols[d.col].Dict.Find(d.v.Text(r, d.col))
		return uint64(code), ok
	default:
		x = d.v.Base.Cols[d.col].Ints.At(r.Row())
	}
	place := uint64(x) - uint64(d.low)
	return place, place < d.span
}

func (d *distinct) number(r mvcc.Ref) uint32 {
	switch {
	case d.v.Layout.Forms[d.col] == column.FormInt:
		return d.codes.int(d.v.Int(r, d.col))
	case !r.InDelta() && d.v.Base.Cols[d.col].Dict != nil:
		return d.codes.int(d.v.Base.Cols[d.col].Ints.At(r.Row()))
	}
	return d.codes.slow(r)
}

func (d *distinct) pair(group, code uint32) {
	p := uint64(group)<<32 | uint64(code)
	if next := uint32(len(d.found)) + 1; d.pairs.Number(p, next) == next {
		d.found = append(d.found, p)
		d.n[group]++
	}
}

func (d *distinct) merge(o accumulator, to []uint32) {
	x := o.(*distinct)
	again := false
	for g, s := range x.sets {
		switch mine := to[g]; {
		case s == nil || mine == nowhere:
		case d.sets[mine] == nil:
			d.sets[mine], d.words = s, d.words+len(s)
			again = again || d.n[mine] > 0
		default:
			for w := range s {
				d.sets[mine][w] |= s[w]
			}
		}
	}
	if again { // pairs of a group that has bits now
		pairs := d.found
		d.found, d.pairs = nil, column.NewNumbering()
		clear(d.n)
		for _, p := range pairs {
			d.one(uint32(p>>32), d.first[uint32(p)])
		}
	}
	for _, p := range x.found {
		d.one(to[p>>32], x.first[uint32(p)])
	}
}

func (d *distinct) value(group int) (tables.Value, error) {
	n := d.n[group]
	if d.span > 0 {
		for _, w := range d.sets[group] {
			n += int64(bits.OnesCount64(w))
		}
	}
	return tables.Int64Value(n), nil
}
