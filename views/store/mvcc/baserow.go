package mvcc

import (
	"runtime"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// RowColumns is how many columns of a row are read at a time.
const RowColumns = 32

// appendRow appends a row's values of some columns. Every column is another place in
// memory, and in a large base none of them is in a cache: first they are all read, with so
// little work in between that the processor waits for them together, and then made into values.
func (b *Base) appendRow(dst []tables.Value, cols []int, row int) []tables.Value {
	for len(cols) > 0 {
		some := cols[:min(len(cols), RowColumns)]
		dst = b.appendSome(dst, some, row)
		cols = cols[len(some):]
	}
	return dst
}

// appendSome is appendRow for at most rowColumns columns.
func (b *Base) appendSome(dst []tables.Value, cols []int, row int) []tables.Value {
	var codes [RowColumns]uint64
	var states [RowColumns]uint8
	for i, col := range cols {
		c := &b.Cols[col]
		codes[i], states[i] = c.Read(row), c.State(row)
	}
	var first byte
	for i, col := range cols {
		c := &b.Cols[col]
		switch {
		case states[i] == column.Unavailable:
			dst = append(dst, tables.UnavailableValue())
		case states[i] == column.Null:
			dst = append(dst, tables.Value{})
		case c.Form == column.FormInt:
			dst = append(dst, column.ValueOfInt(c.Type, c.Ints.Low+int64(codes[i])))
		case c.Form == column.FormWide:
			dst = append(dst, column.ValueOfWide(c.Type, column.Wide{Hi: int64(codes[i]), Lo: c.Los[row]}))
		case c.Dict != nil:
			dst = append(dst, column.ValueOfText(c.Type, c.Dict.Text(int(codes[i]))))
		default:
			text := c.Texts.Between(row, codes[i])
			if text != "" {
				first |= text[0] // who reads it next does not wait for it
			}
			dst = append(dst, column.ValueOfText(c.Type, text))
		}
	}
	runtime.KeepAlive(first)
	return dst
}
