package query

import (
	"math/big"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// between compares a decimal column with a number that lies between two of its
// values, such as 1.005 for a decimal(12,2): the answer is the one that exact
// arithmetic gives. It is nil when text is no such number.
func between(c *tables.Column, column int, op CompareOp, text string) Expr {
	t := c.Type
	if t.Kind != tables.DecimalKind {
		return nil
	}
	fine := tables.Type{Kind: tables.DecimalKind, Precision: tables.MaxPrecision, Scale: tables.MaxPrecision - (t.Precision - t.Scale)}
	d, err := tables.ParseDecimal(strings.TrimSpace(text), fine)
	if err != nil {
		return nil
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(fine.Scale-t.Scale)), nil)
	below, rest := new(big.Int).DivMod(d.Big(), unit, new(big.Int)) // Euclidean: rounds down, as unit is positive
	floor, ok := tables.DecimalFromBig(below)
	if !ok || rest.Sign() == 0 {
		return nil
	}
	above := Compare{Column: column, Op: Gt, Value: tables.DecimalValue(floor)}
	under := Compare{Column: column, Op: Lte, Value: tables.DecimalValue(floor)}
	switch op {
	case Gt, Gte:
		return above
	case Lt, Lte:
		return under
	case Eq:
		return And{above, under} // never true, and unknown for null as a comparison is
	}
	return Or{above, under}
}
