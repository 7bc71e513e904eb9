package store

import (
	"math/bits"
	"slices"
	"sort"

	"github.com/cespare/xxhash/v2"
)

// valueIndex has the rows of a base in the order of one column's values, without
// those that are null: up to four bytes a row. Where a column has neither int64s nor
// codes, it is the order of the values' hashes.
type valueIndex struct {
	col  *column
	rows packed
}

// newValueIndex indexes a column of so many rows: a radix sort, so that it takes a
// few passes over the rows whatever they hold.
func newValueIndex(c *column, rows int) *valueIndex {
	x := &valueIndex{col: c}
	order := make([]uint32, 0, rows)
	for row := range rows {
		if !c.isNull(row) {
			order = append(order, uint32(row))
		}
	}
	const digit = 11
	var busy turn
	next := make([]uint32, len(order))
	for shift := 0; shift < x.keyBits(); shift += digit {
		var starts [1 << digit]int
		for _, row := range order {
			starts[x.key(int(row))>>shift&(1<<digit-1)]++
			busy.worked(1)
		}
		sum := 0
		for i, n := range starts {
			starts[i], sum = sum, sum+n
		}
		for _, row := range order {
			d := x.key(int(row)) >> shift & (1<<digit - 1)
			next[starts[d]] = row
			starts[d]++
			busy.worked(1)
		}
		order, next = next, order
	}
	x.rows = newPacked(len(order), 0, int64(max(rows-1, 0)))
	for i, row := range order {
		x.rows.set(i, int64(row))
	}
	return x
}

// len is how many rows the index has.
func (x *valueIndex) len() int { return x.rows.rows }

// row returns the row at a place of the order.
func (x *valueIndex) row(at int) int { return int(x.rows.delta(at)) }

const hashBits = 32

func (x *valueIndex) keyBits() int {
	if x.col.coded() {
		return bits.Len64(x.col.ints.span)
	}
	return hashBits
}

// key returns what a row is ordered by.
func (x *valueIndex) key(row int) uint64 {
	switch {
	case x.col.coded():
		return x.col.ints.delta(row)
	case x.col.form == formWide:
		return wideKey(x.col.wide(row))
	}
	return textKey(x.col.texts.text(row))
}

func textKey(s string) uint64 { return xxhash.Sum64String(s) >> (64 - hashBits) }
func wideKey(w wide) uint64   { return mix(uint64(w.hi)^mix(w.lo)) >> (64 - hashBits) }

// keyRange is a range of keys, inclusive.
type keyRange struct{ low, high uint64 }

// ranges returns the keys of the values that a leaf admits, ascending, when they are
// a few ranges.
func (x *valueIndex) ranges(l leaf) ([]keyRange, bool) {
	if l.not || l.nulls {
		return nil, false
	}
	var out []keyRange
	switch t := l.test.(type) {
	case intRange:
		return x.within(t), true
	case intSet:
		for _, v := range t.values {
			out = append(out, x.within(intRange{v, v})...)
		}
		return out, true
	case wideTest:
		if t.equal == nil {
			return nil, false
		}
		for _, w := range t.equal {
			out = append(out, keyRange{wideKey(w), wideKey(w)})
		}
	case textTest:
		switch d := x.col.dict; {
		case d != nil && t.order != nil:
			return x.within(d.codes(*t.order)), true
		case t.equal == nil:
			return nil, false
		case d != nil:
			for _, s := range t.equal {
				if code, ok := d.find(s); ok {
					out = append(out, keyRange{uint64(code), uint64(code)})
				}
			}
		default:
			for _, s := range t.equal {
				out = append(out, keyRange{textKey(s), textKey(s)})
			}
		}
	default:
		return nil, false
	}
	slices.SortFunc(out, func(a, b keyRange) int { return compareInts(int64(a.low), int64(b.low)) })
	return slices.Compact(out), true // two texts can have one hash
}

// within returns the keys of a range of int64s.
func (x *valueIndex) within(r intRange) []keyRange {
	p := &x.col.ints
	low, high := max(r.low, p.low), min(r.high, p.high())
	if low > high {
		return nil
	}
	return []keyRange{{uint64(low) - uint64(p.low), uint64(high) - uint64(p.low)}}
}

// spans returns where the rows of keys stand in the index, and how many they are.
func (x *valueIndex) spans(keys []keyRange) (spans []span, rows int) {
	for _, k := range keys {
		from := sort.Search(x.len(), func(i int) bool { return x.key(x.row(i)) >= k.low })
		to := from + sort.Search(x.len()-from, func(i int) bool { return x.key(x.row(from+i)) > k.high })
		if from < to {
			spans, rows = append(spans, span{from, to}), rows+to-from
		}
	}
	return spans, rows
}

// maxIndexRanges bounds the searches of one plan in an index.
const maxIndexRanges = 5_000

// byIndex looks for an index that leads to far fewer rows than the sort key does,
// and returns them, ascending when there are several in a block.
func (b *base) byIndex(leaves map[int][]leaf, otherwise int, over stop) (rows []uint32, col int, ok bool) {
	const worth = 8 // a row by index costs so many by scan
	best := otherwise / worth
	var found *valueIndex
	var where []span
	for c, x := range b.indexes {
		for _, l := range leaves[c] {
			if over.asked() {
				break
			}
			keys, ok := x.ranges(l)
			if !ok || len(keys) > maxIndexRanges {
				continue
			}
			if spans, n := x.spans(keys); n < best {
				best, found, where, col = n, x, spans, c
			}
		}
	}
	if found == nil {
		return nil, 0, false
	}
	rows = make([]uint32, 0, best)
	for _, s := range where {
		for at := s.from; at < s.to; at++ {
			rows = append(rows, uint32(found.row(at)))
		}
	}
	if len(rows) >= blocksFor(b.rows) { // fewer are read one by one
		slices.Sort(rows)
	}
	return rows, col, true
}

// buildIndexes indexes the columns that are declared so.
func (b *base) buildIndexes(cores int) {
	b.indexes = map[int]*valueIndex{}
	var cols []int
	for i, c := range b.layout.table.Columns {
		if c.Index {
			cols = append(cols, i)
		}
	}
	made := make([]*valueIndex, len(cols))
	inParallel(cores, len(cols), 1, func(from, _ int) { made[from] = newValueIndex(&b.cols[cols[from]], b.rows) })
	for i, c := range cols {
		b.indexes[c] = made[i]
	}
}
