package store

import (
	"runtime"

	"github.com/tidemark/tidemark/tables"
)

// rowColumns is how many columns of a row are read at a time.
const rowColumns = 32

// appendRow appends a row's values of some columns. Every column is another place in
// memory, and in a large base none of them is in a cache: first they are all read, with so
// little work in between that the processor waits for them together, and then made into values.
func (b *base) appendRow(dst []tables.Value, cols []int, row int) []tables.Value {
	for len(cols) > 0 {
		some := cols[:min(len(cols), rowColumns)]
		dst = b.appendSome(dst, some, row)
		cols = cols[len(some):]
	}
	return dst
}

// appendSome is appendRow for at most rowColumns columns.
func (b *base) appendSome(dst []tables.Value, cols []int, row int) []tables.Value {
	var codes [rowColumns]uint64
	var states [rowColumns]uint8
	for i, col := range cols {
		c := &b.cols[col]
		codes[i], states[i] = c.read(row), c.state(row)
	}
	var first byte
	for i, col := range cols {
		c := &b.cols[col]
		switch {
		case states[i] == unavailable:
			dst = append(dst, tables.UnavailableValue())
		case states[i] == null:
			dst = append(dst, tables.Value{})
		case c.form == formInt:
			dst = append(dst, valueOfInt(c.typ, c.ints.low+int64(codes[i])))
		case c.form == formWide:
			dst = append(dst, valueOfWide(c.typ, wide{int64(codes[i]), c.los[row]}))
		case c.dict != nil:
			dst = append(dst, valueOfText(c.typ, c.dict.text(int(codes[i]))))
		default:
			text := c.texts.between(row, codes[i])
			if text != "" {
				first |= text[0] // who reads it next does not wait for it
			}
			dst = append(dst, valueOfText(c.typ, text))
		}
	}
	runtime.KeepAlive(first)
	return dst
}

// read returns what a column has at a row: a difference from the least value, a code, the
// first half of a wide value, or where a text begins and ends.
func (c *column) read(row int) uint64 {
	switch {
	case c.coded():
		return c.ints.delta(row)
	case c.form == formWide:
		return uint64(c.his[row])
	}
	return c.texts.bounds(row)
}
