// Package batchfile reads and writes the columns of a batch as a Parquet file that
// other tools read too: decimals, dates, times, timestamps, uuids and JSON have
// their logical types, every column is optional, rows are in row groups of GroupRows.
// What Parquet cannot say is in the file's key-value metadata.
//
// It is the only package of the read side that knows arrow-go.
package batchfile

import "github.com/tidemark/tidemark/tables"

// GroupRows is the number of rows of a row group; the last one may have fewer.
const GroupRows = 128 << 10

// Column declares a column.
type Column struct {
	Name       string
	Type       tables.Type
	Dictionary bool // distinct values are few
}

// Block holds the values of one column in some consecutive rows. Which slice is
// used depends on the type; it has the values that are present, without gaps.
type Block struct {
	Rows    int
	Present []int16    // per row, 1 or 0
	Ints    []int64    // int64, date, time, timestamp, and decimals of up to 18 digits, unscaled
	Bools   []bool     // bool
	Floats  []float64  // float64
	Wides   [][16]byte // uuid, and longer decimals, unscaled and big endian
	Texts   [][]byte   // string, json, bytes; read ones are valid until the next block
}

// Reset empties the block.
func (b *Block) Reset() {
	*b = Block{
		Present: b.Present[:0], Ints: b.Ints[:0], Bools: b.Bools[:0], Floats: b.Floats[:0], Wides: b.Wides[:0], Texts: b.Texts[:0],
	}
}

const narrowDigits = 18
