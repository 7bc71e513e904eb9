package convert

import (
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

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
		return nil, jsontext.Mismatch("bytes as base64 in a text that is not hexadecimal as well (where the schema says bytes, both are distinguished: binary.handling.mode=bytes)", raw)
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
// schema that says string does not distinguish it from base64, and neither does the column
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
