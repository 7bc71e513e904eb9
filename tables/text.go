package tables

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendText appends v as plain text, as it is in a URL or a CSV field: no
// quotes. Null and unavailable append nothing.
func AppendText(dst []byte, t Type, v Value) []byte {
	switch v.kind {
	case Null, Unavailable:
		return dst
	case Bool:
		return strconv.AppendBool(dst, v.Bool())
	case Int64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case Float64:
		return appendFloat(dst, v.Float())
	case DecimalKind:
		return AppendDecimal(dst, v.Decimal(), t.Scale)
	case Bytes:
		return base64.StdEncoding.AppendEncode(dst, []byte(v.str))
	case UUID:
		return appendUUID(dst, v.UUID())
	case Date:
		return AppendDate(dst, v.Int())
	case Time:
		return AppendTime(dst, v.Int())
	case Timestamp:
		return AppendTimestamp(dst, v.Int())
	}
	return append(dst, v.str...)
}

func appendFloat(dst []byte, f float64) []byte {
	switch {
	case f != f:
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if abs := math.Abs(f); abs == 0 || abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64) // as ECMAScript and encoding/json choose
	if n := len(dst); dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // 1e-07 is written 1e-7
		dst = dst[:n-1]
	}
	return dst
}

func appendUUID(dst []byte, u [16]byte) []byte {
	for i, part := range [][]byte{u[0:4], u[4:6], u[6:8], u[8:10], u[10:16]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// AppendJSON appends v in the JSON form of its type. With quoteNumbers, int64 and
// decimal are strings, for readers whose numbers are floats.
func AppendJSON(dst []byte, t Type, v Value, quoteNumbers bool) []byte {
	switch v.kind {
	case Null, Unavailable:
		return append(dst, "null"...)
	case Bool, JSON:
		return AppendText(dst, t, v)
	case String:
		return AppendJSONString(dst, v.str)
	case Float64:
		f := v.Float()
		if f == f && !math.IsInf(f, 0) {
			return appendFloat(dst, f)
		}
	case Int64, DecimalKind:
		if !quoteNumbers {
			return AppendText(dst, t, v)
		}
	}
	dst = append(dst, '"')
	dst = AppendText(dst, t, v)
	return append(dst, '"')
}

const hexDigits = "0123456789abcdef"

// AppendJSONString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\ufffd"...)
			i++
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// ParseText reads a value of type t from plain text: the inverse of AppendText,
// and what a filter or a path segment holds.
func ParseText(t Type, s string) (Value, error) {
	switch t.Kind {
	case Bool:
		switch s {
		case "true", "t", "1":
			return BoolValue(true), nil
		case "false", "f", "0":
			return BoolValue(false), nil
		}
		return Value{}, fmt.Errorf("%q is no bool: write true or false", clip(s))
	case Int64:
		return parseInt(s)
	case Float64:
		f, err := ParseFloat(s)
		return Float64Value(f), err
	case DecimalKind:
		d, err := ParseDecimal(s, t)
		if err != nil {
			return Value{}, fmt.Errorf("%q is no %s: %w", clip(s), t, err)
		}
		return DecimalValue(d), nil
	case String:
		return StringValue(s), nil
	case JSON:
		if !json.Valid([]byte(s)) {
			return Value{}, fmt.Errorf("%q is no JSON", clip(s))
		}
		return JSONValue(s), nil
	case Bytes:
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return Value{}, fmt.Errorf("%q is no base64", clip(s))
		}
		return BytesValue(string(b)), nil
	case UUID:
		return parseUUID(s)
	}
	return parseClock(t, s)
}

func parseInt(s string) (Value, error) {
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return Value{}, fmt.Errorf("%q is no int64", clip(s))
	}
	return Int64Value(i), nil
}

func parseClock(t Type, s string) (Value, error) {
	switch t.Kind {
	case Date:
		d, err := ParseDate(s)
		return DateValue(d), err
	case Time:
		us, err := ParseTime(s)
		return TimeValue(us), err
	case Timestamp:
		us, err := ParseTimestamp(s)
		return TimestampValue(us), err
	}
	return Value{}, fmt.Errorf("no value of type %s can be read from text", t)
}

// ParseFloat reads a float64; NaN and the infinities as Debezium, PostgreSQL and JSON writers spell them.
func ParseFloat(s string) (float64, error) {
	switch strings.ToLower(s) {
	case "nan":
		return math.NaN(), nil
	case "infinity", "inf", "+infinity", "positive_infinity":
		return math.Inf(1), nil
	case "-infinity", "-inf", "negative_infinity":
		return math.Inf(-1), nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsAny(s, "xX_") { // a Go literal is more than a number
		return 0, fmt.Errorf("%q is no float64", clip(s))
	}
	return f, nil
}

func parseUUID(s string) (Value, error) {
	bad := fmt.Errorf("%q is no uuid", clip(s))
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return Value{}, bad
	}
	var u [16]byte
	if _, err := hex.Decode(u[:], []byte(s[:8]+s[9:13]+s[14:18]+s[19:23]+s[24:])); err != nil {
		return Value{}, bad
	}
	return UUIDValue(u), nil
}
