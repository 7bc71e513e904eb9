package jsontext

import (
	"bytes"
)

// OneLine returns JSON as it is, on one line: line breaks are only between its
// tokens, and what serves one value a line must not be torn apart by them.
func OneLine(text []byte) string { return string(Flatten(bytes.Trim(text, " \t\r\n"))) }

// Flatten returns text itself when it is on one line.
func Flatten(text []byte) []byte {
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
