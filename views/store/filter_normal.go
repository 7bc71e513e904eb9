package store

import (
	"fmt"
	"math"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// A condition is a filter in negation normal form: a conjunction, a disjunction or
// a leaf. Negations stand in the leaves only, so it is enough to know where a
// condition is true: where it is false and where it is unknown are the same.
type condition interface{ condition() }

type (
	allOf []condition
	anyOf []condition
	// leaf tests one column. Where the value is null, it is true exactly when nulls is set.
	leaf struct {
		col   int
		test  test
		not   bool // inverts test for values that are present
		nulls bool
	}
)

func (allOf) condition() {}
func (anyOf) condition() {}
func (leaf) condition()  {}

// A test of a present value: one of anything, intRange, intSet, wideTest and textTest.
type test interface{ test() }

type (
	anything struct{}
	// intRange is true from low to high, inclusive; never when low > high.
	intRange struct{ low, high int64 }
	intSet   struct{ values []int64 }
	wideTest struct {
		match func(column.Wide) bool
		equal []column.Wide // when not nil, the values that match
	}
	// textTest has the match, and what a sorted dictionary and the planner want to know.
	textTest struct {
		match func(string) bool
		equal []string // when not nil, the texts that match
		order *textOrder
	}
	// textOrder is a comparison with one text.
	textOrder struct {
		op   query.CompareOp
		text string
	}
)

func (anything) test() {}
func (intRange) test() {}
func (intSet) test()   {}
func (wideTest) test() {}
func (textTest) test() {}

// normalize returns a filter as a condition.
func (l *layout) normalize(e query.Expr, not bool) (condition, error) {
	switch e := e.(type) {
	case nil:
		return allOf{}, nil
	case query.And:
		return l.normalizeAll(e, not, !not)
	case query.Or:
		return l.normalizeAll(e, not, not)
	case query.Not:
		return l.normalize(e.Expr, !not)
	case query.Compare:
		return l.compareLeaf(e, not)
	case query.In:
		return l.inLeaf(e, not)
	case query.Like:
		return l.likeLeaf(e, not)
	case query.Is:
		return l.isLeaf(e, not)
	}
	return nil, fmt.Errorf("filter has an expression of unknown type %T", e)
}

func (l *layout) normalizeAll(parts []query.Expr, not, and bool) (condition, error) {
	var out []condition
	for _, p := range parts {
		c, err := l.normalize(p, not)
		if err != nil {
			return nil, err
		}
		if inner, ok := c.(allOf); ok && and {
			out = append(out, inner...)
			continue
		}
		out = append(out, c)
	}
	if and {
		return allOf(joinRanges(out)), nil
	}
	return anyOf(out), nil
}

// joinRanges makes one leaf of both ends of a range.
func joinRanges(all []condition) []condition {
	var out []condition
	at := map[int]int{} // of a column's range in out
	for _, c := range all {
		l, ok := c.(leaf)
		r, isRange := l.test.(intRange)
		if !ok || !isRange || l.not || l.nulls {
			out = append(out, c)
			continue
		}
		if i, ok := at[l.col]; ok {
			first := out[i].(leaf)
			other := first.test.(intRange)
			first.test = intRange{max(r.low, other.low), min(r.high, other.high)}
			out[i] = first
			continue
		}
		at[l.col] = len(out)
		out = append(out, c)
	}
	return out
}

func (l *layout) column(col int) error {
	if col < 0 || col >= len(l.types) {
		return fmt.Errorf("column %d is not among the table's %d", col, len(l.types))
	}
	return nil
}

func (l *layout) operand(col int, v tables.Value) error {
	if err := l.column(col); err != nil {
		return err
	}
	if v.Kind() != l.types[col].Kind {
		return fmt.Errorf("column %s is %s and cannot be compared with a value of type %s",
			l.table.Columns[col].Name, l.types[col], v.Kind())
	}
	return nil
}

func (l *layout) compareLeaf(e query.Compare, not bool) (condition, error) {
	if err := l.operand(e.Column, e.Value); err != nil {
		return nil, err
	}
	op := e.Op
	if op == query.Neq {
		op, not = query.Eq, !not
	}
	out := leaf{col: e.Column, not: not}
	switch l.forms[e.Column] {
	case column.FormInt:
		if v := e.Value; v.Kind() == tables.DecimalKind && v.Decimal() != tables.DecimalFromInt64(int64(v.Decimal().Lo)) {
			return nil, fmt.Errorf("column %s: %w", l.table.Columns[e.Column].Name, tables.ErrDecimalRange)
		}
		out.test = rangeOf(op, e.Value)
	case column.FormWide:
		w := column.WideOf(e.Value)
		t := wideTest{match: func(x column.Wide) bool { return holds(op, x.Compare(w)) }}
		if op == query.Eq {
			t.equal = []column.Wide{w}
		}
		out.test = t
	case column.FormText:
		s := e.Value.Str()
		t := textTest{match: func(x string) bool { return holds(op, column.CompareText(x, s)) }, order: &textOrder{op, s}}
		if op == query.Eq {
			t.equal = []string{s}
			t.match = func(x string) bool { return x == s }
		}
		out.test = t
	}
	return out, nil
}

func holds(op query.CompareOp, c int) bool {
	switch op {
	case query.Gt:
		return c > 0
	case query.Gte:
		return c >= 0
	case query.Lt:
		return c < 0
	case query.Lte:
		return c <= 0
	case query.Neq:
		return c != 0
	}
	return c == 0
}

// rangeOf returns the int64s that compare so with v. Both zeros of a float are equal.
func rangeOf(op query.CompareOp, v tables.Value) intRange {
	low := column.IntOf(v)
	high := low
	if v.Kind() == tables.Float64 && v.Float() == 0 {
		low, high = column.NegativeZero, 0
	}
	nothing := intRange{1, 0}
	switch op {
	case query.Lt:
		if low == math.MinInt64 {
			return nothing
		}
		return intRange{math.MinInt64, low - 1}
	case query.Lte:
		return intRange{math.MinInt64, high}
	case query.Gt:
		if high == math.MaxInt64 {
			return nothing
		}
		return intRange{high + 1, math.MaxInt64}
	case query.Gte:
		return intRange{low, math.MaxInt64}
	}
	return intRange{low, high}
}

func (l *layout) inLeaf(e query.In, not bool) (condition, error) {
	if err := l.column(e.Column); err != nil {
		return nil, err
	}
	for _, v := range e.Values {
		if err := l.operand(e.Column, v); err != nil {
			return nil, err
		}
	}
	out := leaf{col: e.Column, not: not}
	switch l.forms[e.Column] {
	case column.FormInt:
		out.test = intSetOf(e.Values)
	case column.FormWide:
		set := make(map[column.Wide]struct{}, len(e.Values))
		equal := make([]column.Wide, 0, len(e.Values))
		for _, v := range e.Values {
			set[column.WideOf(v)] = struct{}{}
			equal = append(equal, column.WideOf(v))
		}
		out.test = wideTest{match: func(w column.Wide) bool { _, ok := set[w]; return ok }, equal: equal}
	case column.FormText:
		set := make(map[string]struct{}, len(e.Values))
		equal := make([]string, 0, len(e.Values))
		for _, v := range e.Values {
			if _, ok := set[v.Str()]; !ok {
				set[v.Str()] = struct{}{}
				equal = append(equal, v.Str())
			}
		}
		out.test = textTest{match: func(s string) bool { _, ok := set[s]; return ok }, equal: equal}
	}
	return out, nil
}

func (l *layout) isLeaf(e query.Is, not bool) (condition, error) {
	if err := l.column(e.Column); err != nil {
		return nil, err
	}
	if e.Test == query.IsNull {
		// True for nulls and false for values, or the other way round.
		return leaf{col: e.Column, test: anything{}, not: !not, nulls: !not}, nil
	}
	if l.types[e.Column].Kind != tables.Bool {
		return nil, fmt.Errorf("column %s is %s, not bool", l.table.Columns[e.Column].Name, l.types[e.Column])
	}
	want := rangeOf(query.Eq, tables.BoolValue(e.Test == query.IsTrue))
	return leaf{col: e.Column, test: want, not: not, nulls: not}, nil
}
