package tables

import (
	"bytes"
	"cmp"
	"math"
	"strings"
)

// Value is one typed value, or null, or unavailable. The zero Value is null.
// Values are immutable and comparable with ==, except that NaN equals itself.
type Value struct {
	kind Kind
	lo   uint64
	hi   int64
	str  string
}

// UnavailableValue stands for a value that the source did not send and that is not stored.
func UnavailableValue() Value { return Value{kind: Unavailable} }

// BoolValue returns a bool.
func BoolValue(b bool) Value {
	if b {
		return Value{kind: Bool, lo: 1}
	}
	return Value{kind: Bool}
}

// Int64Value returns an int64.
func Int64Value(i int64) Value { return Value{kind: Int64, lo: uint64(i)} }

// Float64Value returns a float64. All NaNs are one.
func Float64Value(f float64) Value {
	if f != f {
		f = math.NaN()
	}
	return Value{kind: Float64, lo: math.Float64bits(f)}
}

// DecimalValue returns a decimal; its scale is the column's.
func DecimalValue(d Decimal) Value { return Value{kind: DecimalKind, lo: d.Lo, hi: d.Hi} }

// StringValue returns a string.
func StringValue(s string) Value { return Value{kind: String, str: s} }

// JSONValue returns a JSON document given as its text, which must be valid.
func JSONValue(text string) Value { return Value{kind: JSON, str: text} }

// BytesValue returns a byte string; b holds the raw bytes.
func BytesValue(b string) Value { return Value{kind: Bytes, str: b} }

// UUIDValue returns a UUID.
func UUIDValue(u [16]byte) Value {
	var hi, lo uint64
	for i := range 8 {
		hi = hi<<8 | uint64(u[i])
		lo = lo<<8 | uint64(u[i+8])
	}
	return Value{kind: UUID, hi: int64(hi), lo: lo}
}

// DateValue returns a date as days since 1970-01-01. DateInfinity and
// DateNegInfinity stand for PostgreSQL's infinities.
func DateValue(days int64) Value { return Value{kind: Date, lo: uint64(days)} }

// TimeValue returns a time of day in microseconds since midnight, 0 to 24:00:00 inclusive.
func TimeValue(us int64) Value { return Value{kind: Time, lo: uint64(us)} }

// TimestampValue returns an instant in microseconds since 1970-01-01T00:00:00Z.
// TimestampInfinity and TimestampNegInfinity stand for PostgreSQL's infinities.
func TimestampValue(us int64) Value { return Value{kind: Timestamp, lo: uint64(us)} }

// PostgreSQL's infinities, at the ends of the range.
const (
	TimestampInfinity    = math.MaxInt64
	TimestampNegInfinity = math.MinInt64
	DateInfinity         = math.MaxInt32
	DateNegInfinity      = math.MinInt32
)

// Kind returns the value's kind: Null, Unavailable, or the kind of its column.
func (v Value) Kind() Kind { return v.kind }

// Clone returns the value with a text of its own: to keep a value does not keep the memory
// that its text was cut from.
func (v Value) Clone() Value {
	v.str = strings.Clone(v.str)
	return v
}

// IsNull reports whether a reader sees null: null itself, or unavailable.
func (v Value) IsNull() bool { return v.kind <= Unavailable }

// Bool returns the value of a bool.
func (v Value) Bool() bool { return v.lo != 0 }

// Int returns the value of an int64, a date (days), a time or a timestamp (microseconds).
func (v Value) Int() int64 { return int64(v.lo) }

// Float returns the value of a float64.
func (v Value) Float() float64 { return math.Float64frombits(v.lo) }

// Decimal returns the unscaled value of a decimal.
func (v Value) Decimal() Decimal { return Decimal{Hi: v.hi, Lo: v.lo} }

// Str returns the text of a string or JSON value, or the raw bytes of a byte string.
func (v Value) Str() string { return v.str }

// UUID returns the value of a UUID.
func (v Value) UUID() (u [16]byte) {
	for i := range 8 {
		u[i] = byte(uint64(v.hi) >> (56 - 8*i))
		u[i+8] = byte(v.lo >> (56 - 8*i))
	}
	return u
}

// Compare orders two values of the same kind: negative, zero or positive. It is
// PostgreSQL's order: false before true, NaN after every number, strings and
// byte strings by bytes. Null and unavailable come first and equal each other.
func Compare(a, b Value) int {
	if a.IsNull() || b.IsNull() {
		return cmp.Compare(btoi(!a.IsNull()), btoi(!b.IsNull()))
	}
	switch a.kind {
	case Float64:
		return compareFloat(a.Float(), b.Float())
	case DecimalKind:
		return a.Decimal().Cmp(b.Decimal())
	case UUID:
		x, y := a.UUID(), b.UUID()
		return bytes.Compare(x[:], y[:])
	case String, JSON, Bytes:
		return strings.Compare(a.str, b.str)
	default:
		return cmp.Compare(int64(a.lo), int64(b.lo))
	}
}

func compareFloat(x, y float64) int {
	switch {
	case x != x && y != y:
		return 0
	case x != x:
		return 1
	case y != y:
		return -1
	}
	return cmp.Compare(x, y)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
