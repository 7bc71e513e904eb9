package convert

import (
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// toString gives the text of a string, the digits of a number as they stand, and
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

// fraction writes what stands behind the point, or nothing.
func fraction(part uint64, digits int) string {
	text := strconv.FormatUint(part, 10)
	text = strings.TrimRight(strings.Repeat("0", max(digits-len(text), 0))+text, "0")
	if text == "" {
		return ""
	}
	return "." + text
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

func toBytes(m Meaning, raw []byte) (tables.Value, string) {
	b, reason := rawBytes(m, raw)
	if reason != "" {
		return tables.Value{}, reason
	}
	return tables.BytesValue(string(b)), ""
}

// rawBytes decodes base64 (the JSON form of bytes, also in its URL alphabet) or hexadecimal.
func rawBytes(m Meaning, raw []byte) ([]byte, string) {
	text, reason := jsontext.StringText("bytes in a string", raw)
	if reason != "" {
		return nil, reason
	}
	if m.kind == someText {
		return nil, "bytes in a string that could be base64 or hexadecimal: declare encoding bytes_base64 or bytes_hex"
	}
	if m.kind == bytesLatin1 {
		return latin1(text, raw)
	}
	if m.kind == base64OfText && looksHex(text) {
		return nil, jsontext.Mismatch("bytes as base64 in a text that is not hexadecimal as well (where the schema says bytes, both are told apart: binary.handling.mode=bytes)", raw)
	}
	if m.kind == bytesHex {
		b := make([]byte, hex.DecodedLen(len(text)))
		if _, err := hex.Decode(b, text); err != nil {
			return nil, jsontext.Mismatch("bytes as hexadecimal", raw)
		}
		return b, ""
	}
	enc := base64.StdEncoding
	if slices.ContainsFunc(text, func(c byte) bool { return c == '-' || c == '_' }) {
		enc = base64.URLEncoding
	}
	if len(text)%4 != 0 {
		enc = enc.WithPadding(base64.NoPadding)
	}
	b := make([]byte, enc.DecodedLen(len(text)))
	n, err := enc.Strict().Decode(b, text)
	if err != nil || slices.Contains(text, '\n') || slices.Contains(text, '\r') {
		return nil, jsontext.Mismatch("bytes as base64", raw)
	}
	return b[:n], ""
}

// looksHex reports whether a text could be what binary.handling.mode=hex writes. A
// schema that says string does not tell it from base64, and neither does the column
// when the mode was changed after it was declared.
func looksHex(text []byte) bool {
	if len(text) == 0 || len(text)%2 != 0 {
		return false
	}
	for _, c := range text {
		if !jsontext.IsDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// latin1 makes bytes of a text that has a character for each.
func latin1(text, raw []byte) ([]byte, string) {
	b := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if r > 0xff {
			return nil, jsontext.Mismatch("bytes as the characters of ISO 8859-1", raw)
		}
		b = append(b, byte(r))
	}
	return b, ""
}

// bitsNumber reads bits that come as little-endian bytes in base64, all-zero
// perhaps as none; a single bit may also come as a bool.
func bitsNumber(raw []byte) (*big.Int, string) {
	switch raw[0] {
	case 't':
		return big.NewInt(1), ""
	case 'f':
		return new(big.Int), ""
	}
	b, reason := rawBytes(Meaning{}, raw)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b), reason
}

func bitsText(m Meaning, raw []byte) (tables.Value, string) {
	n, reason := bitsNumber(raw)
	if reason != "" {
		return tables.Value{}, reason
	}
	out := n.Text(2)
	if n.Sign() == 0 {
		out = ""
	}
	const most = 1 << 20 // what a schema may ask for
	if pad := min(m.bits, most) - len(out); pad > 0 {
		out = strings.Repeat("0", pad) + out
	}
	return tables.StringValue(out), ""
}
