package store

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// form is how the values of a type lie in memory. Every form compares like its
// values do: an order of integers, of pairs, or of bytes.
type form uint8

const (
	formInt  form = iota // one int64, in the order of the values
	formWide             // an int64 and a uint64, the first the more significant
	formText             // bytes
)

// maxNarrowDigits is how many digits of a decimal an int64 always holds.
const maxNarrowDigits = 18

func formOf(t tables.Type) form {
	switch t.Kind {
	case tables.String, tables.JSON, tables.Bytes:
		return formText
	case tables.UUID:
		return formWide
	case tables.DecimalKind:
		if t.Precision > maxNarrowDigits {
			return formWide
		}
	}
	return formInt
}

// state of a value: everything but present reads as null.
const (
	present     = 0
	null        = 1
	unavailable = 2
)

func stateOf(v tables.Value) uint8 {
	switch v.Kind() {
	case tables.Null:
		return null
	case tables.Unavailable:
		return unavailable
	}
	return present
}

// intOf returns the int64 of a present value of formInt.
func intOf(v tables.Value) int64 {
	switch v.Kind() {
	case tables.Bool:
		if v.Bool() {
			return 1
		}
		return 0
	case tables.Float64:
		return orderOfFloat(v.Float())
	case tables.DecimalKind:
		return int64(v.Decimal().Lo)
	}
	return v.Int()
}

// negativeZero is -0 among the int64s of floats; it is distinct from 0 in bits and
// equal to it in every comparison.
const negativeZero = -1

// orderOfFloat maps a float64 to an int64 of the same order, NaN after all numbers.
func orderOfFloat(f float64) int64 { return flipNegative(int64(math.Float64bits(f))) }

func floatOfOrder(x int64) float64 { return math.Float64frombits(uint64(flipNegative(x))) }

func flipNegative(b int64) int64 {
	if b < 0 {
		return b ^ math.MaxInt64
	}
	return b
}

// valueOfInt is the inverse of intOf.
func valueOfInt(t tables.Type, x int64) tables.Value {
	switch t.Kind {
	case tables.Bool:
		return tables.BoolValue(x != 0)
	case tables.Float64:
		return tables.Float64Value(floatOfOrder(x))
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

// wide is a value of formWide.
type wide struct {
	hi int64
	lo uint64
}

func (w wide) compare(o wide) int {
	switch {
	case w.hi != o.hi:
		if w.hi < o.hi {
			return -1
		}
		return 1
	case w.lo != o.lo:
		if w.lo < o.lo {
			return -1
		}
		return 1
	}
	return 0
}

func wideOf(v tables.Value) wide {
	if v.Kind() == tables.UUID {
		u := v.UUID()
		return wide{int64(binary.BigEndian.Uint64(u[:8]) ^ 1<<63), binary.BigEndian.Uint64(u[8:])}
	}
	d := v.Decimal()
	return wide{d.Hi, d.Lo}
}

func valueOfWide(t tables.Type, w wide) tables.Value {
	if t.Kind == tables.UUID {
		var u [16]byte
		binary.BigEndian.PutUint64(u[:8], uint64(w.hi)^1<<63)
		binary.BigEndian.PutUint64(u[8:], w.lo)
		return tables.UUIDValue(u)
	}
	return tables.DecimalValue(tables.Decimal{Hi: w.hi, Lo: w.lo})
}

func valueOfText(t tables.Type, s string) tables.Value {
	switch t.Kind {
	case tables.JSON:
		return tables.JSONValue(s)
	case tables.Bytes:
		return tables.BytesValue(s)
	}
	return tables.StringValue(s)
}

// textPrefix is an int64 that is in the order of the texts as far as eight bytes go.
func textPrefix(s string) int64 {
	var b [8]byte
	copy(b[:], s)
	return int64(binary.BigEndian.Uint64(b[:]) ^ 1<<63)
}

func compareText(a, b string) int { return strings.Compare(a, b) }
