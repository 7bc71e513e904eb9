package query_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// The columns of the rows that filters are tried on.
const (
	anInt = iota
	aDecimal
	aText
	aFloat
	aBool
	columns
)

func someValue(r *rand.Rand, column int) tables.Value {
	switch column {
	case anInt:
		return tables.Int64Value([]int64{math.MinInt64, -1, 0, 1, 2, 3, 4, math.MaxInt64}[r.IntN(8)])
	case aDecimal:
		return tables.DecimalValue(tables.DecimalFromInt64(r.Int64N(5) - 2))
	case aText:
		return tables.StringValue([]string{"", "a", "b", "ab"}[r.IntN(4)])
	case aFloat:
		return tables.Float64Value([]float64{math.Copysign(0, -1), 0, 1, math.NaN(), math.Inf(1)}[r.IntN(5)])
	}
	return tables.BoolValue(r.IntN(2) == 0)
}

func someFilter(r *rand.Rand, depth int) query.Expr {
	column := r.IntN(columns)
	kinds := 9
	if depth == 0 {
		kinds = 6
	}
	switch r.IntN(kinds) {
	case 0, 1, 2:
		return query.Compare{Column: column, Op: query.CompareOp(r.IntN(6)), Value: someValue(r, column)}
	case 3:
		in := query.In{Column: column}
		for range 1 + r.IntN(12) {
			in.Values = append(in.Values, someValue(r, column))
		}
		return in
	case 4:
		return query.Is{Column: column, Test: query.IsNull}
	case 5:
		return query.Like{Column: aText, Pattern: []string{"*", "a*", "*b", "a"}[r.IntN(4)]}
	case 6:
		return query.Not{Expr: someFilter(r, depth-1)}
	case 7:
		return query.And(someFilters(r, depth))
	}
	return query.Or(someFilters(r, depth))
}

func someFilters(r *rand.Rand, depth int) []query.Expr {
	parts := make([]query.Expr, r.IntN(4))
	for i := range parts {
		parts[i] = someFilter(r, depth-1)
	}
	return parts
}

// A compiled filter keeps the rows that the filter keeps, and each of them has one of
// the values that Narrow names.
func TestCompiledFiltersMatchTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 3))
	matched, narrowed := 0, 0
	for range 20_000 {
		e := someFilter(r, 3)
		m := query.Compile(e)
		column, values := m.Narrow()
		for range 10 {
			row := make([]tables.Value, columns)
			for c := range row {
				if row[c] = someValue(r, c); r.IntN(6) == 0 {
					row[c] = []tables.Value{{}, tables.UnavailableValue()}[r.IntN(2)]
				}
			}
			want := query.Match(e, row)
			if m.Match(row) != want {
				t.Fatalf("%#v of %v: compiled %v", e, row, !want)
			}
			if want {
				matched++
			}
			if want && column >= 0 {
				narrowed++
				if !slices.Contains(values, row[column]) {
					t.Fatalf("%#v keeps %v, whose column %d has none of %v", e, row, column, values)
				}
			}
		}
	}
	if matched < 10_000 || narrowed < 1000 {
		t.Errorf("%d rows matched, %d by values", matched, narrowed)
	}
}

func TestCompiledFiltersAreToldApart(t *testing.T) {
	eq := query.Compare{Value: tables.Int64Value(1)}
	for _, other := range []query.Expr{nil, query.And{eq}, query.Or{eq}, query.Not{Expr: eq}, query.Compare{Value: tables.Int64Value(2)}, query.Compare{Column: 1, Value: tables.Int64Value(1)}} {
		if query.Compile(eq).ID() == query.Compile(other).ID() {
			t.Errorf("%#v has the id of %#v", other, eq)
		}
	}
	if query.Compile(eq).ID() != query.Compile(query.Compare{Value: tables.Int64Value(1)}).ID() {
		t.Error("equal filters have different ids")
	}
}

// TestPatternsAllocateNothingForARow asks compiled patterns of a row, as streams do of each change.
func TestPatternsAllocateNothingForARow(t *testing.T) {
	row := make([]tables.Value, aText+1)
	row[aText] = tables.StringValue("berlin")
	for _, e := range []query.Like{{Pattern: "b*l*n"}, {Pattern: "*ER*", Fold: true}, {Pattern: "berlin"}} {
		e.Column = aText
		m := query.Compile(e)
		if !m.Match(row) {
			t.Errorf("%q does not match", e.Pattern)
		}
		if n := testing.AllocsPerRun(100, func() { m.Match(row) }); n != 0 {
			t.Errorf("%q: %v allocations a row", e.Pattern, n)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	row := []tables.Value{tables.Int64Value(7), tables.DecimalValue(tables.DecimalFromInt64(7)), tables.StringValue("b"), tables.Float64Value(1), tables.BoolValue(true)}
	ten := tables.DecimalValue(tables.DecimalFromInt64(10))
	for _, f := range []struct {
		name string
		e    query.Expr
	}{
		{"equal", query.Compare{Value: tables.Int64Value(8)}},
		{"range", query.And{query.Compare{Column: aDecimal, Op: query.Gte, Value: tables.DecimalValue(tables.Decimal{})}, query.Compare{Column: aDecimal, Op: query.Lt, Value: ten}}},
		{"like", query.Like{Column: aText, Pattern: "*b*"}},
		{"ilike", query.Like{Column: aText, Pattern: "*B*", Fold: true}},
	} {
		m := query.Compile(f.e)
		b.Run(f.name+"/judged", func(b *testing.B) {
			for b.Loop() {
				query.Match(f.e, row)
			}
		})
		b.Run(f.name+"/compiled", func(b *testing.B) {
			for b.Loop() {
				m.Match(row)
			}
		})
	}
}
