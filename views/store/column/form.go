package column

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// Form is how the values of a type lie in memory. Every form compares like its
// values do: an order of integers, of pairs, or of bytes.
type Form uint8

const (
	FormInt  Form = iota // one int64, in the order of the values
	FormWide             // an int64 and a uint64, the first the more significant
	FormText             // bytes
)

// MaxNarrowDigits is how many digits of a decimal an int64 always holds.
const MaxNarrowDigits = 18

// FormOf returns the form of the values of a type.
func FormOf(t tables.Type) Form {
	switch t.Kind {
	case tables.String, tables.JSON, tables.Bytes:
		return FormText
	case tables.UUID:
		return FormWide
	case tables.DecimalKind:
		if t.Precision > MaxNarrowDigits {
			return FormWide
		}
	}
	return FormInt
}

// state of a value: everything but present reads as null.
const (
	Present     = 0
	Null        = 1
	Unavailable = 2
)

func stateOf(v tables.Value) uint8 {
	switch v.Kind() {
	case tables.Null:
		return Null
	case tables.Unavailable:
		return Unavailable
	}
	return Present
}

// IntOf returns the int64 of a present value of FormInt.
func IntOf(v tables.Value) int64 {
	switch v.Kind() {
	case tables.Bool:
		if v.Bool() {
			return 1
		}
		return 0
	case tables.Float64:
		return OrderOfFloat(v.Float())
	case tables.DecimalKind:
		return int64(v.Decimal().Lo)
	}
	return v.Int()
}

// NegativeZero is -0 among the int64s of floats; it is distinct from 0 in bits and
// equal to it in every comparison.
const NegativeZero = -1

// OrderOfFloat maps a float64 to an int64 of the same order, NaN after all numbers.
func OrderOfFloat(f float64) int64 { return flipNegative(int64(math.Float64bits(f))) }

// FloatOfOrder is the inverse of OrderOfFloat.
func FloatOfOrder(x int64) float64 { return math.Float64frombits(uint64(flipNegative(x))) }

func flipNegative(b int64) int64 {
	if b < 0 {
		return b ^ math.MaxInt64
	}
	return b
}

// ValueOfInt is the inverse of IntOf.
func ValueOfInt(t tables.Type, x int64) tables.Value {
	switch t.Kind {
	case tables.Bool:
		return tables.BoolValue(x != 0)
	case tables.Float64:
		return tables.Float64Value(FloatOfOrder(x))
	case tables.DecimalKind:
		return tables.DecimalValue(tables.DecimalFromInt64(x))
	case tables.Date:
		return tables.DateValue(x)
	case tables.Time:
		return tables.TimeValue(x)
	case tables.Timestamp:
		return tables.TimestampValue(x)
	}
	return tables.Int64Value(x)
}

// Wide is a value of FormWide.
type Wide struct {
	Hi int64
	Lo uint64
}

// Compare returns -1, 0 or 1, as w is before, at or behind o.
func (w Wide) Compare(o Wide) int {
	switch {
	case w.Hi != o.Hi:
		if w.Hi < o.Hi {
			return -1
		}
		return 1
	case w.Lo != o.Lo:
		if w.Lo < o.Lo {
			return -1
		}
		return 1
	}
	return 0
}

// WideOf returns a present value of FormWide.
func WideOf(v tables.Value) Wide {
	if v.Kind() == tables.UUID {
		u := v.UUID()
		return Wide{int64(binary.BigEndian.Uint64(u[:8]) ^ 1<<63), binary.BigEndian.Uint64(u[8:])}
	}
	d := v.Decimal()
	return Wide{d.Hi, d.Lo}
}

// ValueOfWide is the inverse of WideOf.
func ValueOfWide(t tables.Type, w Wide) tables.Value {
	if t.Kind == tables.UUID {
		var u [16]byte
		binary.BigEndian.PutUint64(u[:8], uint64(w.Hi)^1<<63)
		binary.BigEndian.PutUint64(u[8:], w.Lo)
		return tables.UUIDValue(u)
	}
	return tables.DecimalValue(tables.Decimal{Hi: w.Hi, Lo: w.Lo})
}

// ValueOfText returns a present value of FormText.
func ValueOfText(t tables.Type, s string) tables.Value {
	switch t.Kind {
	case tables.JSON:
		return tables.JSONValue(s)
	case tables.Bytes:
		return tables.BytesValue(s)
	}
	return tables.StringValue(s)
}

// TextPrefix is an int64 that is in the order of the texts as far as eight bytes go.
func TextPrefix(s string) int64 {
	var b [8]byte
	copy(b[:], s)
	return int64(binary.BigEndian.Uint64(b[:]) ^ 1<<63)
}

// CompareText returns the order of two texts: that of their bytes.
func CompareText(a, b string) int { return strings.Compare(a, b) }
