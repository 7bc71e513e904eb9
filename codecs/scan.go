package codecs

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// maxDepth is how deep JSON may nest, as in encoding/json: whoever reads what
// Tidemark serves can then parse it.
const maxDepth = 10_000

// A scanner walks JSON text once, from left to right, and hands out pieces of it. What it skips it has checked: every piece is valid JSON (RFC 8259), provided
// that the text is valid UTF-8. Of several faults the first is kept.
type scanner struct {
	b     []byte
	i     int
	fault string
}

func (s *scanner) fail(what string) bool {
	if s.fault == "" {
		s.fault = fmt.Sprintf("no JSON: %s at byte %d", what, s.i)
	}
	return false
}

func (s *scanner) space() {
	for s.i < len(s.b) && s.b[s.i] <= ' ' {
		switch s.b[s.i] {
		case ' ', '\n', '\t', '\r':
			s.i++
		default:
			return
		}
	}
}

// peek returns the next byte that is no space, or 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

// enter consumes an opening brace or bracket.
func (s *scanner) enter(open byte) bool {
	if s.peek() != open {
		return s.fail("no " + string(rune(open)))
	}
	s.i++
	return true
}

// member moves to the next member of an object and returns its name, at whose
// value the scanner then stands. ok is false after the last one, and on a fault.
func (s *scanner) member(first bool) (name []byte, ok bool) {
	switch c := s.peek(); {
	case c == '}':
		s.i++
		return nil, false
	case first:
	case c == ',':
		s.i++
	default:
		return nil, s.fail("no comma between members")
	}
	if s.peek() != '"' {
		return nil, s.fail("no member name")
	}
	start := s.i + 1
	escaped, ok := s.text()
	if !ok {
		return nil, false
	}
	name = s.b[start : s.i-1]
	if escaped {
		if name, ok = appendUnescaped(nil, name); !ok {
			return nil, s.fail("half a surrogate pair in a member name")
		}
	}
	if s.peek() != ':' {
		return nil, s.fail("no colon after a member name")
	}
	s.i++
	return name, true
}

// element moves to the next element of an array, at which the scanner then stands.
func (s *scanner) element(first bool) bool {
	switch c := s.peek(); {
	case c == ']':
		s.i++
		return false
	case first:
		return true
	case c == ',':
		s.i++
		return true
	}
	return s.fail("no comma between elements")
}

// value skips one value and returns its text, or nil on a fault.
func (s *scanner) value() []byte {
	s.space()
	start := s.i
	if !s.skip(0) {
		return nil
	}
	return s.b[start:s.i:s.i]
}

// end reports whether nothing but space is left, and nothing was wrong.
func (s *scanner) end() bool {
	s.space()
	if s.fault == "" && s.i < len(s.b) {
		return s.fail("text after the value")
	}
	return s.fault == ""
}

func (s *scanner) skip(depth int) bool {
	if s.i >= len(s.b) {
		return s.fail("the text ends")
	}
	switch c := s.b[s.i]; c {
	case '"':
		_, ok := s.text()
		return ok
	case '{', '[':
		if depth >= maxDepth {
			return s.fail("nested too deep")
		}
		s.i++
		if c == '{' {
			return s.skipMembers(depth + 1)
		}
		return s.skipElements(depth + 1)
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	return s.number()
}

func (s *scanner) skipMembers(depth int) bool {
	for first := true; ; first = false {
		switch c := s.peek(); {
		case c == '}':
			s.i++
			return true
		case first:
		case c == ',':
			s.i++
			s.space()
		default:
			return s.fail("no comma between members")
		}
		if s.i >= len(s.b) || s.b[s.i] != '"' {
			return s.fail("no member name")
		}
		if _, ok := s.text(); !ok {
			return false
		}
		if s.peek() != ':' {
			return s.fail("no colon after a member name")
		}
		s.i++
		s.space()
		if !s.skip(depth) {
			return false
		}
	}
}

func (s *scanner) skipElements(depth int) bool {
	for first := true; s.element(first); first = false {
		s.space()
		if !s.skip(depth) {
			return false
		}
	}
	return s.fault == ""
}

func (s *scanner) literal(word string) bool {
	if len(s.b)-s.i < len(word) || string(s.b[s.i:s.i+len(word)]) != word {
		return s.fail("no " + word)
	}
	s.i += len(word)
	return true
}

// number skips -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?
func (s *scanner) number() bool {
	b, i := s.b, s.i
	if i < len(b) && b[i] == '-' {
		i++
	}
	start := i
	for i < len(b) && b[i]-'0' < 10 {
		i++
	}
	if i == start || b[start] == '0' && i > start+1 {
		return s.fail("no value")
	}
	if i < len(b) && b[i] == '.' {
		for start, i = i, i+1; i < len(b) && b[i]-'0' < 10; i++ {
		}
		if i == start+1 {
			return s.fail("no digit after the point")
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		for start = i; i < len(b) && b[i]-'0' < 10; i++ {
		}
		if i == start {
			return s.fail("no digit in the exponent")
		}
	}
	s.i = i
	return true
}

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// text skips a string, at whose opening quote the scanner stands, and reports
// whether it holds escapes. It looks at eight bytes at a time for a quote, a
// backslash or a control character: rows of 100 kB are mostly text that nobody asked for.
func (s *scanner) text() (escaped, ok bool) {
	b, i := s.b, s.i+1
	for {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			quote, slash := w^(everyByte*'"'), w^(everyByte*'\\')
			stop := (quote-everyByte)&^quote | (slash-everyByte)&^slash | (w-everyByte*0x20)&^w
			if stop &= highBits; stop != 0 {
				i += bits.TrailingZeros64(stop) / 8
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
			i++
		}
		if i >= len(b) {
			s.i = i
			return false, s.fail("the text ends in a string")
		}
		switch b[i] {
		case '"':
			s.i = i + 1
			return escaped, true
		case '\\':
			n := escapeLength(b[i:])
			if n == 0 {
				s.i = i
				return false, s.fail("unknown escape")
			}
			escaped = true
			i += n
		default:
			s.i = i
			return false, s.fail("control character in a string")
		}
	}
}

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
// checked by a scanner. It is not ok when half a surrogate pair stands in it:
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
