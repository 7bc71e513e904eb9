package codecs

import (
	"bytes"
	"fmt"
	"unsafe"

	"github.com/tidemark/tidemark/tables"
)

// convert makes a value of type t from its JSON text and its meaning. The reason
// says what was expected and found when it cannot: values are never rounded, cut
// or guessed at in silence. The value does not alias raw.
func convert(t tables.Type, m meaning, raw []byte) (v tables.Value, reason string) {
	if len(raw) == 0 || raw[0] == 'n' {
		return tables.Value{}, ""
	}
	if m.kind == extendedJSON {
		if m, raw = extended(t, meaning{scale: unknownScale}, raw); raw[0] == 'n' {
			return tables.Value{}, ""
		}
	}
	switch t.Kind {
	case tables.String:
		return toString(m, raw)
	case tables.JSON:
		return toJSON(m, raw)
	case tables.Bool:
		return toBool(m, raw)
	case tables.Int64:
		return toInt64(m, raw)
	case tables.Float64:
		return toFloat64(m, raw)
	case tables.DecimalKind:
		return toDecimal(t, m, raw)
	case tables.Bytes:
		return toBytes(m, raw)
	case tables.UUID:
		return toUUID(m, raw)
	case tables.Date:
		return toDate(m, raw)
	case tables.Time:
		return toTime(m, raw)
	case tables.Timestamp:
		return toTimestamp(m, raw)
	}
	return tables.Value{}, "a column of type " + t.String() + " cannot be read"
}

// alias returns b as a string without copying it; the string must not be kept.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// isNumber reports whether a JSON value is a number.
func isNumber(raw []byte) bool { return raw[0] == '-' || isDigit(raw[0]) }

// scalar returns the text of a JSON string, or the digits of a number: JSON 1 and "1" are one.
func scalar(raw []byte) (text []byte, ok bool) {
	if raw[0] == '"' {
		return unquote(raw)
	}
	return raw, isNumber(raw)
}

// inString returns the text of a value that must be a string.
func inString(want string, raw []byte) (text []byte, reason string) {
	if raw[0] != '"' {
		return nil, mismatch(want, raw)
	}
	text, ok := unquote(raw)
	if !ok {
		return nil, mismatch("Unicode text (half a surrogate pair stands in it)", raw)
	}
	return text, ""
}

// mismatch says that something else was expected.
func mismatch(want string, raw []byte) string {
	return fmt.Sprintf("expected %s, found %s", want, clip(raw))
}

// clip shortens hostile text for a message.
func clip(b []byte) string {
	const most = 60
	if len(b) <= most {
		return string(b)
	}
	return string(bytes.ToValidUTF8(b[:most-3], nil)) + "..."
}

func toBool(m meaning, raw []byte) (tables.Value, string) {
	if m.kind == bitsLE {
		n, reason := bitsNumber(raw)
		if reason == "" && n.BitLen() > 1 {
			reason = mismatch("one bit", raw)
		}
		return tables.BoolValue(reason == "" && n.Sign() > 0), reason
	}
	text, ok := raw, true
	if raw[0] == '"' {
		text, ok = unquote(raw)
	}
	v, err := tables.ParseText(tables.Type{Kind: tables.Bool}, alias(text))
	if err != nil || !ok {
		return tables.Value{}, mismatch("a bool", raw)
	}
	return v, ""
}

func toUUID(m meaning, raw []byte) (tables.Value, string) {
	if bytewise := m.kind == bytesBase64 || m.kind == bytesHex || m.kind == base64OfText; bytewise && len(raw) != len(`"00000000-0000-0000-0000-000000000000"`) {
		b, reason := rawBytes(m, raw)
		if reason != "" || len(b) != 16 {
			return tables.Value{}, mismatch("the 16 bytes of a uuid", raw)
		}
		return tables.UUIDValue([16]byte(b)), ""
	}
	text, reason := inString("a uuid", raw)
	if reason != "" {
		return tables.Value{}, reason
	}
	v, err := tables.ParseText(tables.Type{Kind: tables.UUID}, alias(text))
	if err != nil {
		return tables.Value{}, mismatch("a uuid", raw)
	}
	return v, ""
}

// toJSON embeds: JSON that is carried as text becomes what the text says.
func toJSON(m meaning, raw []byte) (tables.Value, string) {
	if m.inner != nil && (raw[0] == '[' || raw[0] == '{' || m.inner.typ != nil) {
		text, reason := m.inner.append(nil, raw)
		if reason != "" {
			return tables.Value{}, reason
		}
		return tables.JSONValue(oneLine(text)), ""
	}
	switch m.kind {
	case jsonText:
		if raw[0] != '"' {
			break
		}
		text, ok := unquote(raw)
		s := scanning(text)
		if !ok || s.value() == nil || !s.end() {
			return tables.Value{}, mismatch("JSON in a string ("+s.fault+")", raw)
		}
		return tables.JSONValue(oneLine(text)), ""
	case decimalBytes:
		n, reason := readNumber(m, raw)
		if reason != "" {
			return tables.Value{}, reason
		}
		return tables.JSONValue(n.text()), ""
	}
	return tables.JSONValue(oneLine(raw)), ""
}

// oneLine returns JSON as it is, on one line: line breaks only stand between its
// tokens, and what serves one value a line must not be torn apart by them.
func oneLine(text []byte) string { return string(flatten(bytes.Trim(text, " \t\r\n"))) }

// flatten returns text itself when it is on one line.
func flatten(text []byte) []byte {
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	out := bytes.Clone(text)
	for i, c := range out {
		if c == '\n' || c == '\r' {
			out[i] = ' '
		}
	}
	return out
}
