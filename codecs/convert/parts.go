package convert

import (
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/codecs/jsontext"
)

// integer reads a whole number, also from a string.
func integer(raw []byte) (int64, string) {
	text, ok := jsontext.Scalar(raw)
	if !ok {
		return 0, jsontext.Mismatch("an integer", raw)
	}
	if i, ok := jsontext.SmallInt(text); ok {
		return i, ""
	}
	i, err := strconv.ParseInt(jsontext.Alias(text), 10, 64)
	if err != nil {
		return 0, jsontext.Mismatch("a 64-bit integer", raw)
	}
	return i, ""
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func magnitude(i int64) uint64 {
	if i < 0 {
		return -uint64(i)
	}
	return uint64(i)
}

// fraction writes what is after the point, or nothing.
func fraction(part uint64, digits int) string {
	text := strconv.FormatUint(part, 10)
	text = strings.TrimRight(strings.Repeat("0", max(digits-len(text), 0))+text, "0")
	if text == "" {
		return ""
	}
	return "." + text
}
