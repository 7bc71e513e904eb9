package mvcc

import (
	"cmp"
	"encoding/binary"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// IsNull reports whether a row is null in a column.
func (v *Version) IsNull(r Ref, col int) bool {
	if !r.InDelta() {
		return v.Base.Cols[col].IsNull(r.Row())
	}
	c, i := At(v.Chunks, r.Row())
	return c.Cols[col].States[i] != column.Present
}

// prefix returns an int64 that orders a column's present values as far as it goes.
func (v *Version) prefix(r Ref, col int) int64 {
	switch v.Layout.Forms[col] {
	case column.FormInt:
		return v.Int(r, col)
	case column.FormWide:
		return v.Wide(r, col).Hi
	}
	return column.TextPrefix(v.Text(r, col))
}

// Int returns the int64 of a formInt value, the zeros of floats made equal.
func (v *Version) Int(r Ref, col int) int64 {
	var x int64
	if r.InDelta() {
		c, i := At(v.Chunks, r.Row())
		x = int64(c.Cols[col].Ints[i])
	} else {
		x = v.Base.Cols[col].Ints.At(r.Row())
	}
	if x == column.NegativeZero && v.Layout.Types[col].Kind == tables.Float64 {
		return 0
	}
	return x
}

// Wide returns a present value of a column of pairs.
func (v *Version) Wide(r Ref, col int) column.Wide {
	if r.InDelta() {
		c, i := At(v.Chunks, r.Row())
		return c.Cols[col].Wide(i)
	}
	return v.Base.Cols[col].Wide(r.Row())
}

// Text returns a present text.
func (v *Version) Text(r Ref, col int) string {
	if r.InDelta() {
		c, i := At(v.Chunks, r.Row())
		return c.Cols[col].Text(i)
	}
	return v.Base.Cols[col].Text(r.Row())
}

// compareColumn orders two present values of a column.
func (v *Version) compareColumn(a, b Ref, col int) int {
	switch v.Layout.Forms[col] {
	case column.FormInt:
		return cmp.Compare(v.Int(a, col), v.Int(b, col))
	case column.FormWide:
		return v.Wide(a, col).Compare(v.Wide(b, col))
	}
	if c := &v.Base.Cols[col]; c.Dict != nil && !a.InDelta() && !b.InDelta() {
		return cmp.Compare(c.Ints.Delta(a.Row()), c.Ints.Delta(b.Row()))
	}
	return column.CompareText(v.Text(a, col), v.Text(b, col))
}

// compareKeys orders two rows by their keys.
func (v *Version) compareKeys(a, b Ref) int { return v.CompareColumns(v.Layout.Key, a, b) }

// CompareColumns orders two rows like the canonical forms of some of their columns:
// nulls first.
func (v *Version) CompareColumns(cols []int, a, b Ref) int {
	for _, col := range cols {
		an, bn := v.IsNull(a, col), v.IsNull(b, col)
		if an || bn {
			if c := cmp.Compare(btou(bn), btou(an)); c != 0 {
				return c
			}
			continue
		}
		if c := v.compareColumn(a, b, col); c != 0 {
			return c
		}
	}
	return 0
}

// AppendGroup appends bytes that are the same for equal values of a column.
func (v *Version) AppendGroup(dst []byte, r Ref, col int) []byte {
	if v.IsNull(r, col) {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	switch v.Layout.Forms[col] {
	case column.FormInt:
		return binary.BigEndian.AppendUint64(dst, uint64(v.Int(r, col)))
	case column.FormWide:
		w := v.Wide(r, col)
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, uint64(w.Hi)), w.Lo)
	}
	s := v.Text(r, col)
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func btou(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
