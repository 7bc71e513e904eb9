package tables

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// Key is the canonical identity of a row: the values of its key columns, in the
// declared order, in a form whose byte order is the order of the values. Two
// records name the same row exactly when their Keys are equal, whatever bytes the
// source's converter wrote.
//
// Each value is a marker, 0x01 for null or 0x02 for a value, and then: bool one
// byte; int64, date, time and timestamp eight bytes, big endian, sign flipped;
// float64 eight bytes in the order of the numbers; decimal and uuid sixteen bytes;
// string, json and bytes their bytes with 0x00 written as 0x00 0xff, then 0x00 0x01.
// A Key is never empty and never begins with an underscore.
type Key string

const (
	keyNull    = 0x01
	keyPresent = 0x02
	signBit    = 1 << 63
)

// ErrKey is returned for bytes that are no canonical key of the given types.
var ErrKey = errors.New("bytes are no canonical key")

// AppendKey appends the canonical form of the values to dst.
func AppendKey(dst []byte, values ...Value) []byte {
	for _, v := range values {
		dst = appendKeyValue(dst, v)
	}
	return dst
}

// EncodeKey returns the canonical form of the values.
func EncodeKey(values ...Value) Key {
	var buf [64]byte
	return Key(AppendKey(buf[:0], values...))
}

func appendKeyValue(dst []byte, v Value) []byte {
	if v.IsNull() {
		return append(dst, keyNull)
	}
	dst = append(dst, keyPresent)
	switch v.kind {
	case Bool:
		return append(dst, byte(v.lo))
	case Float64:
		return binary.BigEndian.AppendUint64(dst, floatOrder(v.lo))
	case DecimalKind:
		dst = binary.BigEndian.AppendUint64(dst, uint64(v.hi)^signBit)
		return binary.BigEndian.AppendUint64(dst, v.lo)
	case UUID:
		dst = binary.BigEndian.AppendUint64(dst, uint64(v.hi))
		return binary.BigEndian.AppendUint64(dst, v.lo)
	case String, JSON, Bytes:
		for s := v.str; ; {
			i := strings.IndexByte(s, 0)
			if i < 0 {
				dst = append(dst, s...)
				return append(dst, 0, 1)
			}
			dst = append(dst, s[:i]...)
			dst = append(dst, 0, 0xff)
			s = s[i+1:]
		}
	}
	return binary.BigEndian.AppendUint64(dst, v.lo^signBit)
}

// floatOrder maps the bits of a float64 to an integer of the same order; -0 is 0.
func floatOrder(bits uint64) uint64 {
	if bits == signBit {
		bits = 0
	}
	if bits&signBit != 0 {
		return ^bits
	}
	return bits | signBit
}

// DecodeKey returns the values of a key whose columns have the given types.
func DecodeKey(k Key, types []Type) ([]Value, error) {
	out := make([]Value, len(types))
	rest := string(k)
	for i, t := range types {
		var err error
		if out[i], rest, err = decodeKeyValue(rest, t); err != nil {
			return nil, fmt.Errorf("key value %d: %w", i+1, err)
		}
	}
	if rest != "" {
		return nil, ErrKey
	}
	return out, nil
}

func decodeKeyValue(s string, t Type) (Value, string, error) {
	if s == "" || (s[0] != keyNull && s[0] != keyPresent) {
		return Value{}, "", ErrKey
	}
	present := s[0] == keyPresent
	s = s[1:]
	if !present {
		return Value{}, s, nil
	}
	switch t.Kind {
	case String, JSON, Bytes:
		return decodeKeyText(s, t)
	}
	n := 8
	switch t.Kind {
	case Bool:
		n = 1
	case DecimalKind, UUID:
		n = 16
	}
	if len(s) < n {
		return Value{}, "", ErrKey
	}
	v, err := decodeKeyNumber([]byte(s[:n]), t.Kind)
	if err != nil {
		return Value{}, "", err
	}
	return v, s[n:], nil
}

// decodeKeyNumber reads a value that is as many bytes as its kind has.
func decodeKeyNumber(b []byte, kind Kind) (Value, error) {
	v := Value{kind: kind}
	switch kind {
	case Bool:
		if v.lo = uint64(b[0]); v.lo > 1 {
			return Value{}, ErrKey
		}
	case DecimalKind:
		v.hi, v.lo = int64(binary.BigEndian.Uint64(b)^signBit), binary.BigEndian.Uint64(b[8:])
	case UUID:
		v.hi, v.lo = int64(binary.BigEndian.Uint64(b)), binary.BigEndian.Uint64(b[8:])
	case Float64:
		if u := binary.BigEndian.Uint64(b); u&signBit != 0 {
			v.lo = u &^ signBit
		} else {
			v.lo = ^u
		}
		if f := math.Float64frombits(v.lo); f != f {
			v = Float64Value(f)
		}
	default:
		v.lo = binary.BigEndian.Uint64(b) ^ signBit
	}
	return v, nil
}

func decodeKeyText(s string, t Type) (Value, string, error) {
	var text strings.Builder
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 || i+1 >= len(s) {
			return Value{}, "", ErrKey
		}
		text.WriteString(s[:i])
		mark := s[i+1]
		s = s[i+2:]
		switch mark {
		case 0xff:
			text.WriteByte(0)
		case 1:
			return Value{kind: t.Kind, str: text.String()}, s, nil
		default:
			return Value{}, "", ErrKey
		}
	}
}
