package convert

import (
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// Value makes a value of type t from its JSON text and its meaning. The reason
// says what was expected and found when it cannot: values are never rounded, cut
// or guessed at in silence. The value does not alias raw.
func Value(t tables.Type, m Meaning, raw []byte) (v tables.Value, reason string) {
	if len(raw) == 0 || raw[0] == 'n' {
		return tables.Value{}, ""
	}
	if m.kind == extendedJSON {
		if m, raw = Extended(t, Meaning{scale: unknownScale}, raw); raw[0] == 'n' {
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

func toBool(m Meaning, raw []byte) (tables.Value, string) {
	if m.kind == bitsLE {
		n, reason := bitsNumber(raw)
		if reason == "" && n.BitLen() > 1 {
			reason = jsontext.Mismatch("one bit", raw)
		}
		return tables.BoolValue(reason == "" && n.Sign() > 0), reason
	}
	text, ok := raw, true
	if raw[0] == '"' {
		text, ok = jsontext.Unquote(raw)
	}
	v, err := tables.ParseText(tables.Type{Kind: tables.Bool}, jsontext.Alias(text))
	if err != nil || !ok {
		return tables.Value{}, jsontext.Mismatch("a bool", raw)
	}
	return v, ""
}

func toUUID(m Meaning, raw []byte) (tables.Value, string) {
	if bytewise := m.kind == bytesBase64 || m.kind == bytesHex || m.kind == base64OfText; bytewise && len(raw) != len(`"00000000-0000-0000-0000-000000000000"`) {
		b, reason := rawBytes(m, raw)
		if reason != "" || len(b) != 16 {
			return tables.Value{}, jsontext.Mismatch("the 16 bytes of a uuid", raw)
		}
		return tables.UUIDValue([16]byte(b)), ""
	}
	text, reason := jsontext.StringText("a uuid", raw)
	if reason != "" {
		return tables.Value{}, reason
	}
	v, err := tables.ParseText(tables.Type{Kind: tables.UUID}, jsontext.Alias(text))
	if err != nil {
		return tables.Value{}, jsontext.Mismatch("a uuid", raw)
	}
	return v, ""
}

// toJSON embeds: JSON that is carried as text becomes what the text says.
func toJSON(m Meaning, raw []byte) (tables.Value, string) {
	if m.inner != nil && (raw[0] == '[' || raw[0] == '{' || m.inner.typ != nil) {
		text, reason := m.inner.append(nil, raw)
		if reason != "" {
			return tables.Value{}, reason
		}
		return tables.JSONValue(jsontext.OneLine(text)), ""
	}
	switch m.kind {
	case jsonText:
		if raw[0] != '"' {
			break
		}
		text, ok := jsontext.Unquote(raw)
		s := jsontext.Scan(text)
		if !ok || s.Value() == nil || !s.End() {
			return tables.Value{}, jsontext.Mismatch("JSON in a string ("+s.Fault+")", raw)
		}
		return tables.JSONValue(jsontext.OneLine(text)), ""
	case decimalBytes:
		n, reason := readNumber(m, raw)
		if reason != "" {
			return tables.Value{}, reason
		}
		return tables.JSONValue(n.text()), ""
	}
	return tables.JSONValue(jsontext.OneLine(raw)), ""
}
