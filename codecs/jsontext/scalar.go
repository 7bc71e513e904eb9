package jsontext

import (
	"bytes"
	"strconv"
	"unsafe"
)

// Alias returns b as a string without copying it; the string must not be kept.
func Alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// IsNumber reports whether a JSON value is a number.
func IsNumber(raw []byte) bool { return raw[0] == '-' || IsDigit(raw[0]) }

// Scalar returns the text of a JSON string, or the digits of a number: JSON 1 and "1" are one.
func Scalar(raw []byte) (text []byte, ok bool) {
	if raw[0] == '"' {
		return Unquote(raw)
	}
	return raw, IsNumber(raw)
}

// StringText returns the text of a value that must be a string.
func StringText(want string, raw []byte) (text []byte, reason string) {
	if raw[0] != '"' {
		return nil, Mismatch(want, raw)
	}
	text, ok := Unquote(raw)
	if !ok {
		return nil, Mismatch("Unicode text (half a surrogate pair is in it)", raw)
	}
	return text, ""
}

// IsDigit reports whether a byte is one of 0 to 9.
func IsDigit(c byte) bool { return c-'0' < 10 }

// SmallInt reads up to 18 digits.
func SmallInt(b []byte) (int64, bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	if neg {
		n = -n
	}
	return n, true
}

// Embedded returns the JSON that a text holds, as each member of a MongoDB key is one.
func Embedded(raw []byte) ([]byte, string) {
	if raw[0] != '"' {
		return raw, ""
	}
	text, ok := Unquote(raw)
	s := Scan(text)
	if v := s.Value(); ok && v != nil && s.End() {
		return v, ""
	}
	return nil, Mismatch("JSON in a text", raw)
}

// IsNull reports whether a record's value, or its key, is null: absent, empty, or
// the text null.
func IsNull(b []byte) bool {
	if len(b) > 16 {
		return false
	}
	return len(b) == 0 || string(bytes.TrimSpace(b)) == "null"
}

// ScalarOrNone is scalar for a value that may be absent.
func ScalarOrNone(raw []byte) (text []byte, ok bool) {
	if IsNull(raw) {
		return nil, false
	}
	return Scalar(raw)
}

func OrNull(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}

// Int reads an integer, with or without quotes.
func Int(raw []byte) (int64, bool) {
	raw = bytes.Trim(raw, `"`)
	if len(raw) == 0 {
		return 0, false // absent: the error below would cost an allocation per event
	}
	if i, ok := SmallInt(raw); ok {
		return i, true
	}
	i, err := strconv.ParseInt(Alias(raw), 10, 64)
	return i, err == nil
}
