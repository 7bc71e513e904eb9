package convert

import (
	"strconv"
	"unicode/utf8"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// toString gives the text of a string, the digits of a number as they are, and
// the JSON of an object or an array. A value whose meaning is known becomes the
// text that its own type would have.
func toString(m Meaning, raw []byte) (tables.Value, string) {
	switch m.kind {
	case decimalBytes, uint64Wrapped:
		n, reason := readNumber(m, raw)
		return textValue(n.text(), reason)
	case epochDays:
		v, reason := toDate(m, raw)
		return textOf(tables.Date, v, reason)
	case epochSeconds, epochMs, epochUs, epochNs:
		v, reason := toTimestamp(m, raw)
		return textOf(tables.Timestamp, v, reason)
	case timeMs, timeUs, timeNs:
		return timeText(m, raw)
	case structured:
		return structuredString(raw)
	case durationUs, durationNs:
		i, reason := integer(raw)
		return textValue(durationText(m, i), reason)
	case bitsLE:
		return bitsText(m, raw)
	case bytesHex, bytesBase64, base64OfText:
		b, reason := rawBytes(m, raw)
		if reason == "" && !utf8.Valid(b) {
			reason = jsontext.Mismatch("the bytes of a text", raw)
		}
		return textValue(string(b), reason)
	}
	switch {
	case m.inner != nil && (raw[0] == '[' || raw[0] == '{'):
		text, reason := m.inner.append(nil, raw)
		return textValue(string(text), reason)
	case raw[0] != '"':
		return tables.StringValue(string(raw)), ""
	}
	text, reason := jsontext.StringText("", raw)
	return textValue(string(text), reason)
}

// structuredString writes a structured value: a duration, a date, a time or an instant.
func structuredString(raw []byte) (tables.Value, string) {
	if text, reason := structuredDuration(raw); reason == "" {
		return tables.StringValue(text), ""
	}
	text, reason := structuredText("a date, a time, an instant or a duration", raw)
	return textValue(string(text), reason)
}

func textValue(s, reason string) (tables.Value, string) {
	if reason != "" {
		return tables.Value{}, reason
	}
	return tables.StringValue(s), ""
}

func textOf(k tables.Kind, v tables.Value, reason string) (tables.Value, string) {
	return textValue(string(tables.AppendText(nil, tables.Type{Kind: k}, v)), reason)
}

// durationText writes a duration as ISO 8601, without days and months: the source
// has already made them hours.
func durationText(m Meaning, i int64) string {
	perSecond := uint64(1_000_000)
	if m.kind == durationNs {
		perSecond *= 1000
	}
	u, sign := uint64(i), ""
	if i < 0 {
		u, sign = -u, "-"
	}
	s := u / perSecond
	out := sign + "PT"
	if h := s / 3600; h > 0 {
		out += strconv.FormatUint(h, 10) + "H"
	}
	if min := s / 60 % 60; min > 0 {
		out += strconv.FormatUint(min, 10) + "M"
	}
	digits := 6
	if m.kind == durationNs {
		digits = 9
	}
	frac := fraction(u%perSecond, digits)
	if s%60 > 0 || frac != "" || s == 0 {
		out += strconv.FormatUint(s%60, 10) + frac + "S"
	}
	return out
}

// timeText writes a time of day, and what MySQL's TIME holds beyond one: it reaches
// from -838:59:59 to 838:59:59.
func timeText(m Meaning, raw []byte) (tables.Value, string) {
	i, reason := integer(raw)
	if reason != "" {
		return tables.Value{}, reason
	}
	const most = 1 << 50 // microseconds: some 35 years
	switch {
	case m.kind == timeNs:
		i = floorDiv(i, 1000)
	case m.kind == timeMs && i < most && i > -most:
		i *= 1000
	}
	if i > most || i < -most {
		return tables.Value{}, jsontext.Mismatch("a time", raw)
	}
	sign := ""
	if i < 0 {
		sign = "-"
	}
	return tables.StringValue(sign + string(tables.AppendTime(nil, int64(magnitude(i))))), ""
}
