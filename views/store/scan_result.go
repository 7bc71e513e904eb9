package store

import (
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
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

	order   *ordering
	refs    []entry
	columns []int // of the outputs, once they were asked for together
	// An aggregate query's rows.
	groups *groupRows
}

// Len returns the number of rows.
func (r *Result) Len() int {
	if r.groups != nil {
		return r.groups.len()
	}
	return len(r.refs)
}

// Value returns one value: row from 0 to Len()-1, col the place of an output.
func (r *Result) Value(row, col int) tables.Value {
	if r.groups != nil {
		return r.groups.value(row, col)
	}
	return r.order.v.value(r.refs[row].ref, r.Outputs[col].Column)
}

// AppendValues appends all values of a row, which is faster than one after the other. It is
// for one goroutine at a time.
func (r *Result) AppendValues(dst []tables.Value, row int) []tables.Value {
	if r.groups != nil {
		for col := range r.Outputs {
			dst = append(dst, r.groups.value(row, col))
		}
		return dst
	}
	if r.columns == nil {
		r.columns = make([]int, len(r.Outputs))
		for i := range r.Outputs {
			r.columns[i] = r.Outputs[i].Column
		}
	}
	return r.order.v.appendColumns(dst, r.columns, r.refs[row].ref)
}

// Key returns the key of a row. In an aggregate query it is the canonical form of
// the plain columns.
func (r *Result) Key(row int) tables.Key {
	if r.groups != nil {
		return r.groups.key(row)
	}
	return tables.Key(r.order.v.appendKey(nil, r.refs[row].ref))
}

// Bookmark returns the place of a row, for the page that begins behind it.
func (r *Result) Bookmark(row int) *query.Bookmark {
	if r.groups != nil {
		return r.groups.bookmark(row)
	}
	return r.order.bookmark(r.refs[row].ref)
}

// outputs checks a query's selection and fills in the types.
func (l *layout) outputs(q *query.Query) ([]query.Output, error) {
	out := make([]query.Output, len(q.Select))
	for i, o := range q.Select {
		if o.Aggregate == query.Count && o.Column < 0 {
			o.Type = tables.Type{Kind: tables.Int64}
			out[i] = o
			continue
		}
		if err := l.column(o.Column); err != nil {
			return nil, fmt.Errorf("select: %w", err)
		}
		t, ok := query.ResultType(o.Aggregate, l.types[o.Column])
		if !ok {
			return nil, fmt.Errorf("select: column %s is %s, which has no %s",
				l.table.Columns[o.Column].Name, l.types[o.Column], o.Aggregate)
		}
		o.Type = t
		out[i] = o
	}
	return out, nil
}
