package query

import (
	"math"

	"github.com/tidemark/tidemark/tables"
)

// Query is one read of a table. Columns are named by their place in the table.
type Query struct {
	Select []Output // in the order of the answer; with an aggregate among them, the plain columns are the groups
	Filter Expr     // nil: every row
	// Order is over columns, or over outputs in an aggregate query. Without one, rows
	// come in the order of the table's sort key, ascending, nulls last, and groups in
	// the order of their plain columns. Ties break by key, ascending; in an aggregate
	// query by the canonical form of the plain columns.
	Order   []Order
	Limit   int // -1: no limit
	Offset  int
	LimitBy *LimitBy
	// After continues behind the last row of a page: the order's values (those of the
	// sort key when no order is given) and the key.
	After *Bookmark
}

// Aggregate names a function over a group; AggregateNone is a plain column.
type Aggregate uint8

// The aggregates. Nulls take no part in any of them; over no values at all the
// counts are 0 and the others null. See ResultType for the types of the results.
const (
	AggregateNone Aggregate = iota
	Count                   // of rows, or of values that are not null when a column is given
	Sum
	Avg
	Min
	Max
	CountDistinct
)

// Output is one member of an answer's rows.
type Output struct {
	Name      string // as it is called in the answer
	Column    int    // -1 for count()
	Aggregate Aggregate
	Type      tables.Type // of the result
}

// Aggregates reports whether q groups rows.
func (q *Query) Aggregates() bool {
	for _, o := range q.Select {
		if o.Aggregate != AggregateNone {
			return true
		}
	}
	return false
}

// Wanted is how many rows of the order have to be known: one more than asked for says whether
// there are more. -1 is all.
func (q *Query) Wanted() int {
	if q.Limit < 0 || q.Limit > math.MaxInt32 || q.Offset > math.MaxInt32 {
		return -1
	}
	return q.Offset + q.Limit + 1
}

// Order is one key of the order. In an aggregate query Column is the place of an
// output in Select, else the place of a column in the table.
type Order struct {
	Column     int
	Descending bool
	NullsFirst bool // PostgreSQL's default: last ascending, first descending
}

// LimitBy keeps the first N rows of each group of equal values, in the query's order.
type LimitBy struct {
	Columns []int
	N       int
}

// Bookmark is the place of a row in an order.
type Bookmark struct {
	Values []tables.Value // one per Order
	Key    tables.Key
}

// Expr is a filter: one of And, Or, Not, Compare, In, Like, Is. It has SQL's
// three-valued logic: a comparison with null is unknown, and only true keeps a row.
type Expr interface{ expr() }

// And is true when all its parts are. Without parts it is true.
type And []Expr

// Or is true when one of its parts is. Without parts it is false.
type Or []Expr

// Not negates; unknown stays unknown.
type Not struct{ Expr Expr }

// CompareOp is a comparison.
type CompareOp uint8

// The comparisons.
const (
	Eq CompareOp = iota
	Neq
	Gt
	Gte
	Lt
	Lte
)

// Compare compares a column with a value of its type, which is not null.
type Compare struct {
	Column int
	Op     CompareOp
	Value  tables.Value
}

// In is true when the column equals one of the values, none of which is null.
type In struct {
	Column int
	Values []tables.Value
}

// Like matches a string column against a pattern in which * stands for any text
// and every other character for itself. Fold ignores case.
type Like struct {
	Column  int
	Pattern string
	Fold    bool
}

// Test is what Is asks.
type Test uint8

// The tests. IsTrue and IsFalse need a bool column.
const (
	IsNull Test = iota
	IsTrue
	IsFalse
)

// Is tests a column; it is never unknown.
type Is struct {
	Column int
	Test   Test
}

func (And) expr()     {}
func (Or) expr()      {}
func (Not) expr()     {}
func (Compare) expr() {}
func (In) expr()      {}
func (Like) expr()    {}
func (Is) expr()      {}
