package query

import (
	"crypto/sha256"
	"fmt"
	"math"

	"github.com/tidemark/tidemark/tables"
)

// Matcher is a filter made ready for many rows. It can be used by any number of goroutines.
type Matcher struct {
	test   test
	column int // -1: none
	values []tables.Value
	id     string
}

// test judges a row.
type test func(row []tables.Value) truth

// Compile makes a filter ready; nil keeps every row.
func Compile(e Expr) *Matcher {
	m := &Matcher{column: -1}
	text := sha256.Sum256(fmt.Appendf(nil, "%#v", e))
	m.id = string(text[:])
	if e != nil {
		m.test = compile(e)
		m.column, m.values = narrow(e)
	}
	return m
}

// Match reports the same as the function Match of the filter.
func (m *Matcher) Match(row []tables.Value) bool { return m.test == nil || m.test(row) == isTrue }

// ID is the same of equal filters, and differs between those that are written differently.
func (m *Matcher) ID() string { return m.id }

// Narrow returns a column and the values of which every row that matches has one there,
// each of them == to the row's; column is -1 where no such thing is known.
func (m *Matcher) Narrow() (column int, values []tables.Value) { return m.column, m.values }

// narrow finds what Narrow returns.
func narrow(e Expr) (column int, values []tables.Value) {
	column = -1
	better := func(c int, v []tables.Value) {
		if c >= 0 && (column < 0 || len(v) < len(values)) {
			column, values = c, v
		}
	}
	switch e := e.(type) {
	case Compare:
		if e.Op == Eq && exact(e.Value) {
			return e.Column, []tables.Value{e.Value}
		}
	case In:
		for _, v := range e.Values {
			if !exact(v) {
				return -1, nil
			}
		}
		return e.Column, e.Values
	case And:
		for _, part := range e {
			better(narrow(part))
		}
	case Or:
		for i, part := range e {
			c, v := narrow(part)
			if c < 0 || i > 0 && c != column {
				return -1, nil
			}
			column, values = c, append(values[:len(values):len(values)], v...)
		}
	}
	return column, values
}

// exact reports whether values that compare as equal are ==: 0 and -0 are not.
func exact(v tables.Value) bool { return v.Kind() != tables.Float64 }

func compile(e Expr) test {
	switch e := e.(type) {
	case And:
		return compileAnd(e)
	case Or:
		parts := compileAll(e)
		return func(row []tables.Value) truth {
			out := untrue
			for _, part := range parts {
				if out = max(out, part(row)); out == isTrue {
					break
				}
			}
			return out
		}
	case Not:
		inner := compile(e.Expr)
		return func(row []tables.Value) truth { return isTrue - inner(row) }
	case Compare:
		return compileCompare(e)
	case In:
		return compileIn(e)
	case Like:
		return compileLike(e)
	}
	return func(row []tables.Value) truth { return judge(e, row) }
}

func compileAll(parts []Expr) []test {
	out := make([]test, len(parts))
	for i, part := range parts {
		out[i] = compile(part)
	}
	return out
}

func compileAnd(e And) test {
	parts := compileAll(e)
	if len(parts) == 1 {
		return parts[0]
	}
	return func(row []tables.Value) truth {
		out := isTrue
		for _, part := range parts {
			if out = min(out, part(row)); out == untrue {
				break
			}
		}
		return out
	}
}

func compileCompare(e Compare) test {
	if low, high, ok := between64(e); ok {
		return func(row []tables.Value) truth {
			v := &row[e.Column]
			if v.IsNull() {
				return unknown
			}
			return truthOf(low <= v.Int() && v.Int() <= high)
		}
	}
	if e.Value.Kind() == tables.DecimalKind {
		x := e.Value.Decimal()
		return func(row []tables.Value) truth {
			v := &row[e.Column]
			if v.IsNull() {
				return unknown
			}
			return truthOf(e.Op.holds(v.Decimal().Cmp(x)))
		}
	}
	return func(row []tables.Value) truth { return judge(e, row) }
}

// manyValues are more than are looked at one by one.
const manyValues = 8

func compileIn(e In) test {
	set := make(map[tables.Value]struct{}, len(e.Values))
	for _, v := range e.Values {
		if !exact(v) || len(e.Values) < manyValues {
			return func(row []tables.Value) truth { return judge(e, row) }
		}
		set[v] = struct{}{}
	}
	c := e.Column
	return func(row []tables.Value) truth {
		if row[c].IsNull() {
			return unknown
		}
		_, in := set[row[c]]
		return truthOf(in)
	}
}

func compileLike(e Like) test {
	match := e.Matcher()
	return func(row []tables.Value) truth {
		v := &row[e.Column]
		if v.IsNull() {
			return unknown
		}
		return truthOf(match(v.Str()))
	}
}

// between64 returns the range that a comparison of 64-bit numbers asks for.
func between64(e Compare) (low, high int64, ok bool) {
	switch e.Value.Kind() {
	case tables.Int64, tables.Date, tables.Time, tables.Timestamp:
	default:
		return 0, 0, false
	}
	x := e.Value.Int()
	switch {
	case e.Op == Eq:
		return x, x, true
	case e.Op == Gte:
		return x, math.MaxInt64, true
	case e.Op == Lte:
		return math.MinInt64, x, true
	case e.Op == Gt && x < math.MaxInt64:
		return x + 1, math.MaxInt64, true
	case e.Op == Lt && x > math.MinInt64:
		return math.MinInt64, x - 1, true
	}
	return 0, 0, false
}
