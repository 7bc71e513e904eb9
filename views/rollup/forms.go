package rollup

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// forms makes forms of a column's values, which order as the values do, and values of
// the forms.
type forms[F any] interface {
	of(v tables.Value) F
	value(f F) tables.Value
}

// numbers are values that 64 bits hold: they take a fifth of what their keys do.
type numbers tables.Kind

// shortDecimal is the most digits that fit 64 bits.
const shortDecimal = 18

// narrow reports whether the values of a type are numbers.
func narrow(t tables.Type) bool {
	switch t.Kind {
	case tables.Int64, tables.Date, tables.Time, tables.Timestamp:
		return true
	case tables.DecimalKind:
		return t.Precision <= shortDecimal
	}
	return false
}

// of returns of a short decimal, too, the lower bits, with the sign.
func (n numbers) of(v tables.Value) int64 { return v.Int() }

func (n numbers) value(x int64) tables.Value {
	return column.ValueOfInt(tables.Type{Kind: tables.Kind(n)}, x)
}

// keys are the canonical forms of values.
type keys struct {
	types []tables.Type // the one of the column
}

func (k *keys) of(v tables.Value) tables.Key { return tables.EncodeKey(v) }

func (k *keys) value(f tables.Key) tables.Value {
	decoded, err := tables.DecodeKey(f, k.types)
	if err != nil {
		return tables.Value{} // it was encoded here, of this type
	}
	return decoded[0]
}
