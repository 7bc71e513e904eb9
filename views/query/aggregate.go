package query

import (
	"errors"
	"math/big"
	"slices"

	"github.com/tidemark/tidemark/tables"
)

// ErrRange is wrapped by the error of a query one of whose results has more digits
// than its type holds.
var ErrRange = errors.New("a result is out of the range of its type")

var functionNames = []string{
	Count: "count", Sum: "sum", Avg: "avg", Min: "min", Max: "max", CountDistinct: "count_distinct",
}

// String returns the aggregate's name as a request writes it, without parentheses.
func (a Aggregate) String() string {
	if int(a) < len(functionNames) {
		return functionNames[a]
	}
	return ""
}

// ParseAggregate reads an aggregate's name.
func ParseAggregate(name string) (Aggregate, bool) {
	i := slices.Index(functionNames[1:], name)
	return Aggregate(i + 1), i >= 0
}

const (
	int64Digits = 19
	avgScale    = 16 // PostgreSQL's least number of digits of a quotient
)

// ResultType returns the type of an aggregate over a column of type t, and
// whether it is defined there:
//
//	count, count_distinct   int64
//	min, max                t; not of json
//	sum                     float64 of float64; decimal(38,0) of int64; decimal(38,s) of decimal(p,s)
//	avg                     float64 of float64; of int64 and decimals a decimal(38,r), rounded half away
//	                        from zero, with r = 16 digits after the point, or as many more as t has, or
//	                        as many fewer as the digits before the point need: int64 has r = 16
//
// Sums are exact; one of more than 38 digits is an error of the query.
func ResultType(a Aggregate, t tables.Type) (tables.Type, bool) {
	switch a {
	case Count:
		return tables.Type{Kind: tables.Int64}, true
	case CountDistinct:
		return tables.Type{Kind: tables.Int64}, t.Kind != tables.JSON
	case Min, Max:
		return t, t.Kind != tables.JSON
	case Sum, Avg:
		return quotientType(a, t)
	}
	return t, true
}

func quotientType(a Aggregate, t tables.Type) (tables.Type, bool) {
	precision, scale := uint8(int64Digits), uint8(0)
	switch t.Kind {
	case tables.Float64:
		return t, true
	case tables.DecimalKind:
		precision, scale = t.Precision, t.Scale
	case tables.Int64:
	default:
		return tables.Type{}, false
	}
	if a == Avg {
		scale = min(max(scale, avgScale), tables.MaxPrecision-(precision-scale))
	}
	return tables.Type{Kind: tables.DecimalKind, Precision: tables.MaxPrecision, Scale: scale}, true
}

// Quotient returns total/n with so many digits more, rounded half away from zero, as
// Avg does.
func Quotient(total *big.Int, n int64, digits int) *big.Int {
	num := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(digits, 0))), nil)
	num.Mul(num, total)
	twice := new(big.Int).Abs(num)
	twice.Lsh(twice, 1).Add(twice, big.NewInt(n))
	q := twice.Quo(twice, big.NewInt(2*n))
	if num.Sign() < 0 {
		q.Neg(q)
	}
	return q
}
