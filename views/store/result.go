package store

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/aggregate"
	"github.com/tidemark/tidemark/views/store/paging"
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

	page   paging.Page
	groups *aggregate.Groups // in an aggregate query, instead of the page
}

func ofPage(outputs []query.Output, p paging.Page) *Result {
	return &Result{Outputs: outputs, RowsRead: p.RowsRead, Plan: p.Plan, PassedOver: p.PassedOver, More: p.More, page: p}
}

func ofGroups(outputs []query.Output, g *aggregate.Groups) *Result {
	return &Result{Outputs: outputs, RowsRead: g.RowsRead, Plan: g.Plan, PassedOver: g.PassedOver, More: g.More, groups: g}
}

// Len returns the number of rows.
func (r *Result) Len() int {
	if r.groups != nil {
		return r.groups.Len()
	}
	return r.page.Len()
}

// Value returns one value: row from 0 to Len()-1, col the place of an output.
func (r *Result) Value(row, col int) tables.Value {
	if r.groups != nil {
		return r.groups.Value(row, col)
	}
	return r.page.Value(row, col)
}

// AppendValues appends all values of a row, which is faster than one after the other. It is
// for one goroutine at a time.
func (r *Result) AppendValues(dst []tables.Value, row int) []tables.Value {
	if r.groups != nil {
		return r.groups.AppendValues(dst, row)
	}
	return r.page.AppendValues(dst, row)
}

// Key returns the key of a row. In an aggregate query it is the canonical form of
// the plain columns.
func (r *Result) Key(row int) tables.Key {
	if r.groups != nil {
		return r.groups.Key(row)
	}
	return r.page.Key(row)
}

// Bookmark returns the place of a row, for the page that begins behind it.
func (r *Result) Bookmark(row int) *query.Bookmark {
	if r.groups != nil {
		return r.groups.Bookmark(row)
	}
	return r.page.Bookmark(row)
}
