package wire

import (
	"encoding/binary"
	"math"

	"github.com/tidemark/tidemark/tables"
)

// AppendValues appends the values section of a state row: per column a byte with
// its kind, then what the kind needs. Unavailable is written as null: a state row
// lists the unavailable columns apart, so that they do not change a checksum.
func AppendValues(dst []byte, values []tables.Value) []byte {
	for _, v := range values {
		dst = appendValue(dst, v)
	}
	return dst
}

func appendValue(dst []byte, v tables.Value) []byte {
	if v.IsNull() {
		return append(dst, byte(tables.Null))
	}
	dst = append(dst, byte(v.Kind()))
	switch v.Kind() {
	case tables.Bool:
		if v.Bool() {
			return append(dst, 1)
		}
		return append(dst, 0)
	case tables.Float64:
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.Float()))
	case tables.DecimalKind:
		return appendDecimal(dst, v.Decimal())
	case tables.UUID:
		u := v.UUID()
		return append(dst, u[:]...)
	case tables.String, tables.JSON, tables.Bytes:
		dst = binary.AppendUvarint(dst, uint64(len(v.Str())))
		return append(dst, v.Str()...)
	}
	return binary.AppendVarint(dst, v.Int())
}

// appendDecimal writes a length of 0 to 16 and that many bytes: the shortest
// big-endian two's complement form, zero as no bytes.
func appendDecimal(dst []byte, d tables.Decimal) []byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(d.Hi))
	binary.BigEndian.PutUint64(b[8:], d.Lo)
	i := 0
	for i < 15 && (b[i] == 0 && b[i+1] < 0x80 || b[i] == 0xff && b[i+1] >= 0x80) {
		i++
	}
	if d == (tables.Decimal{}) {
		i = 16
	}
	dst = append(dst, byte(16-i))
	return append(dst, b[i:]...)
}

func (r *reader) decimal() tables.Decimal {
	n := r.byte()
	if n > 16 {
		r.fail()
		return tables.Decimal{}
	}
	var d tables.Decimal
	for i, c := range r.take(uint64(n)) {
		if i == 0 && c >= 0x80 {
			d = tables.Decimal{Hi: -1, Lo: math.MaxUint64}
		}
		d.Hi = d.Hi<<8 | int64(d.Lo>>56)
		d.Lo = d.Lo<<8 | uint64(c)
	}
	return d
}

// DecodeValues appends the values of a values section to dst. They do not alias b.
func DecodeValues(dst []tables.Value, b []byte) ([]tables.Value, error) {
	r := reader{b: b}
	for len(r.b) > 0 {
		dst = append(dst, r.value())
	}
	return dst, r.end()
}

func (r *reader) value() tables.Value {
	switch kind := tables.Kind(r.byte()); kind {
	case tables.Null:
		return tables.Value{}
	case tables.Bool:
		return tables.BoolValue(r.byte() != 0)
	case tables.Int64:
		return tables.Int64Value(r.varint())
	case tables.Float64:
		return tables.Float64Value(math.Float64frombits(r.fixed64()))
	case tables.DecimalKind:
		return tables.DecimalValue(r.decimal())
	case tables.String:
		return tables.StringValue(string(r.take(r.uvarint())))
	case tables.JSON:
		return tables.JSONValue(string(r.take(r.uvarint())))
	case tables.Bytes:
		return tables.BytesValue(string(r.take(r.uvarint())))
	case tables.UUID:
		var u [16]byte
		copy(u[:], r.take(16))
		return tables.UUIDValue(u)
	case tables.Date:
		return tables.DateValue(r.varint())
	case tables.Time:
		return tables.TimeValue(r.varint())
	case tables.Timestamp:
		return tables.TimestampValue(r.varint())
	}
	r.fail()
	return tables.Value{}
}
