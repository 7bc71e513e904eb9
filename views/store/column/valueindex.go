package column

import (
	"math/bits"
	"sort"

	"github.com/cespare/xxhash/v2"
)

// ValueIndex has the rows of a base in the order of one column's values, without
// those that are null: up to four bytes a row. Where a column has neither int64s nor
// codes, it is the order of the values' hashes.
type ValueIndex struct {
	Column *Column
	Rows   Packed
}

// NewValueIndex indexes a column of so many rows: a radix sort, so that it takes a
// few passes over the rows whatever they hold.
func NewValueIndex(c *Column, rows int) *ValueIndex {
	x := &ValueIndex{Column: c}
	order := make([]uint32, 0, rows)
	for row := range rows {
		if !c.IsNull(row) {
			order = append(order, uint32(row))
		}
	}
	const digit = 11
	var busy Yield
	next := make([]uint32, len(order))
	for shift := 0; shift < x.keyBits(); shift += digit {
		var starts [1 << digit]int
		for _, row := range order {
			starts[x.key(int(row))>>shift&(1<<digit-1)]++
			busy.Worked(1)
		}
		sum := 0
		for i, n := range starts {
			starts[i], sum = sum, sum+n
		}
		for _, row := range order {
			d := x.key(int(row)) >> shift & (1<<digit - 1)
			next[starts[d]] = row
			starts[d]++
			busy.Worked(1)
		}
		order, next = next, order
	}
	x.Rows = NewPacked(len(order), 0, int64(max(rows-1, 0)))
	for i, row := range order {
		x.Rows.Set(i, int64(row))
	}
	return x
}

// Len is how many rows the index has.
func (x *ValueIndex) Len() int { return x.Rows.Rows }

// Row returns the row at a place of the order.
func (x *ValueIndex) Row(at int) int { return int(x.Rows.Delta(at)) }

const hashBits = 32

func (x *ValueIndex) keyBits() int {
	if x.Column.Coded() {
		return bits.Len64(x.Column.Ints.Span)
	}
	return hashBits
}

// key returns what a row is ordered by.
func (x *ValueIndex) key(row int) uint64 {
	switch {
	case x.Column.Coded():
		return x.Column.Ints.Delta(row)
	case x.Column.Form == FormWide:
		return WideKey(x.Column.Wide(row))
	}
	return TextKey(x.Column.Texts.Text(row))
}

// TextKey returns what a text is ordered by where there are no codes.
func TextKey(s string) uint64 { return xxhash.Sum64String(s) >> (64 - hashBits) }

// WideKey returns what a wide value is ordered by.
func WideKey(w Wide) uint64 { return mix(uint64(w.Hi)^mix(w.Lo)) >> (64 - hashBits) }

// KeyRange is a range of keys, inclusive.
type KeyRange struct{ Low, High uint64 }

// Within returns the keys of the int64s or codes from low to high.
func (x *ValueIndex) Within(low, high int64) []KeyRange {
	p := &x.Column.Ints
	low, high = max(low, p.Low), min(high, p.High())
	if low > high {
		return nil
	}
	return []KeyRange{{uint64(low) - uint64(p.Low), uint64(high) - uint64(p.Low)}}
}

// Find returns where the rows of keys are in the index: from from to to-1.
func (x *ValueIndex) Find(k KeyRange) (from, to int) {
	from = sort.Search(x.Len(), func(i int) bool { return x.key(x.Row(i)) >= k.Low })
	return from, from + sort.Search(x.Len()-from, func(i int) bool { return x.key(x.Row(from+i)) > k.High })
}
