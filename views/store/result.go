package store

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/scan"
)

// Result is the answer to a query: rows of typed values, which are read from the
// columns when they are asked for.
type Result struct {
	// Outputs are the query's, with the types of the results.
	Outputs []query.Output
	// RowsRead is how many rows were looked at.
	RowsRead int64
	// Plan says in words how the rows were found.
	Plan string
	// PassedOver is how many blocks of the base were not looked at because their least
	// and largest values rule them out.
	PassedOver int64
	// More reports whether there are rows behind the last one.
	More bool

	rows answer
}

// answer is a page of rows, or groups.
type answer interface {
	Len() int
	Value(row, col int) tables.Value
	AppendValues(dst []tables.Value, row int) []tables.Value
	Key(row int) tables.Key
	Bookmark(row int) *query.Bookmark
}

func resultOf(outputs []query.Output, s scan.Stats, more bool, rows answer) *Result {
	return &Result{Outputs: outputs, RowsRead: s.RowsRead, Plan: s.Plan, PassedOver: s.PassedOver, More: more, rows: rows}
}

// Len returns the number of rows.
func (r *Result) Len() int { return r.rows.Len() }

// Value returns one value: row from 0 to Len()-1, col the place of an output.
func (r *Result) Value(row, col int) tables.Value { return r.rows.Value(row, col) }

// AppendValues appends all values of a row, which is faster than one after the other. It is
// for one goroutine at a time.
func (r *Result) AppendValues(dst []tables.Value, row int) []tables.Value {
	return r.rows.AppendValues(dst, row)
}

// Key returns the key of a row. In an aggregate query it is the canonical form of
// the plain columns.
func (r *Result) Key(row int) tables.Key { return r.rows.Key(row) }

// Bookmark returns the place of a row, for the page that begins behind it.
func (r *Result) Bookmark(row int) *query.Bookmark { return r.rows.Bookmark(row) }
