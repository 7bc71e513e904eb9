package jsontext

import (
	"bytes"
	"unicode/utf8"
)

// escapeLength returns the length of the escape at the start of b, or 0.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b); ok {
			return 6
		}
	}
	return 0
}

// hex4 reads the four digits of \uXXXX.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case c-'0' < 10:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// appendUnescaped appends the text of a string, given without its quotes and
// checked by a scanner. It is not ok when half a surrogate pair is in it:
// that is no Unicode text, and to replace it could make two keys one.
func appendUnescaped(dst, b []byte) ([]byte, bool) {
	for i := 0; i < len(b); {
		if b[i] != '\\' {
			dst = append(dst, b[i])
			i++
			continue
		}
		switch c := b[i+1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, n, ok := codePoint(b[i:])
			if !ok {
				return dst, false
			}
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		default:
			dst = append(dst, c)
		}
		i += 2
	}
	return dst, true
}

// codePoint reads \uXXXX, or the pair of them that a code point above U+FFFF takes.
func codePoint(b []byte) (r rune, n int, ok bool) {
	r, _ = hex4(b)
	if r < 0xd800 || r > 0xdfff {
		return r, 6, true
	}
	if r >= 0xdc00 || len(b) < 12 || b[6] != '\\' || b[7] != 'u' {
		return 0, 0, false
	}
	low, _ := hex4(b[6:])
	if low < 0xdc00 || low > 0xdfff {
		return 0, 0, false
	}
	return (r-0xd800)<<10 + (low - 0xdc00) + 0x10000, 12, true
}

// Unquote returns the text of a JSON string given with its quotes; it aliases raw
// when nothing is escaped.
func Unquote(raw []byte) ([]byte, bool) {
	in := raw[1 : len(raw)-1]
	if bytes.IndexByte(in, '\\') < 0 {
		return in, true
	}
	return appendUnescaped(make([]byte, 0, len(in)), in)
}
