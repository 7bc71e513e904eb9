package jsontext

import (
	"fmt"
	"iter"
)

// MaxDepth is how deep JSON may nest, as in encoding/json: whoever reads what
// Tidemark serves can then parse it.
const MaxDepth = 10_000

// A Scanner walks JSON text once, from left to right, and hands out pieces of it. What it skips it has checked: every piece is valid JSON (RFC 8259), provided
// that the text is valid UTF-8. Of several faults the first is kept.
type Scanner struct {
	b     []byte
	i     int
	Fault string
}

func (s *Scanner) Fail(what string) bool {
	if s.Fault == "" {
		s.Fault = fmt.Sprintf("no JSON: %s at byte %d", what, s.i)
	}
	return false
}

func (s *Scanner) space() {
	for s.i < len(s.b) && s.b[s.i] <= ' ' {
		switch s.b[s.i] {
		case ' ', '\n', '\t', '\r':
			s.i++
		default:
			return
		}
	}
}

// Peek returns the next byte that is no space, or 0 at the end.
func (s *Scanner) Peek() byte {
	s.space()
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

// enter consumes an opening brace or bracket.
func (s *Scanner) enter(open byte) bool {
	if s.Peek() != open {
		return s.Fail("no " + string(rune(open)))
	}
	s.i++
	return true
}

// Scan returns a scanner at the beginning of b.
func Scan(b []byte) Scanner { return Scanner{b: b} }

// Members enters the object at which the scanner stands, and goes through its members:
// their numbers and names. The scanner then stands at the member's value, which the
// loop must read. The loop ends at a fault, also where no object stands. After its own
// end, and not after a break, the scanner is behind the object.
func (s *Scanner) Members() iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		if !s.enter('{') {
			return
		}
		for k := 0; ; k++ {
			name, ok := s.member(k == 0)
			if !ok || !yield(k, name) || s.Fault != "" {
				return
			}
		}
	}
}

// Elements is members of an array: the loop has their numbers.
func (s *Scanner) Elements() iter.Seq[int] {
	return func(yield func(int) bool) {
		if !s.enter('[') {
			return
		}
		for k := 0; s.element(k == 0); k++ {
			if !yield(k) || s.Fault != "" {
				return
			}
		}
	}
}

// List calls element at every element of an array, which it must read, and returns
// how many there are. Anything but an array has none.
func (s *Scanner) List(element func()) int {
	if s.Peek() != '[' {
		s.Value()
		return 0
	}
	n := 0
	for range s.Elements() {
		if element(); s.Fault == "" {
			n++
		}
	}
	return n
}

// Pos returns where the scanner stands.
func (s *Scanner) Pos() int { return s.i }

// Since returns the text that was read from a position on.
func (s *Scanner) Since(start int) []byte { return s.b[start:s.i:s.i] }

// Rest returns the text that is not read yet, from the next token on.
func (s *Scanner) Rest() []byte {
	s.space()
	return s.b[s.i:]
}

// Pass passes over text that is known: the caller has seen that it comes next.
func (s *Scanner) Pass(n int) { s.i += n }

// member moves to the next member of an object and returns its name, at whose
// value the scanner then stands. ok is false after the last one, and on a fault.
func (s *Scanner) member(first bool) (name []byte, ok bool) {
	switch c := s.Peek(); {
	case c == '}':
		s.i++
		return nil, false
	case first:
	case c == ',':
		s.i++
	default:
		return nil, s.Fail("no comma between members")
	}
	if s.Peek() != '"' {
		return nil, s.Fail("no member name")
	}
	start := s.i + 1
	escaped, ok := s.text()
	if !ok {
		return nil, false
	}
	name = s.b[start : s.i-1]
	if escaped {
		if name, ok = appendUnescaped(nil, name); !ok {
			return nil, s.Fail("half a surrogate pair in a member name")
		}
	}
	if s.Peek() != ':' {
		return nil, s.Fail("no colon after a member name")
	}
	s.i++
	return name, true
}

// element moves to the next element of an array, at which the scanner then stands.
func (s *Scanner) element(first bool) bool {
	switch c := s.Peek(); {
	case c == ']':
		s.i++
		return false
	case first:
		return true
	case c == ',':
		s.i++
		return true
	}
	return s.Fail("no comma between elements")
}

// Value skips one value and returns its text, or nil on a fault.
func (s *Scanner) Value() []byte {
	s.space()
	start := s.i
	if !s.Skip(0) {
		return nil
	}
	return s.Since(start)
}

// End reports whether nothing but space is left, and nothing was wrong.
func (s *Scanner) End() bool {
	s.space()
	if s.Fault == "" && s.i < len(s.b) {
		return s.Fail("text after the value")
	}
	return s.Fault == ""
}

func (s *Scanner) Skip(depth int) bool {
	if s.i >= len(s.b) {
		return s.Fail("the text ends")
	}
	switch c := s.b[s.i]; c {
	case '"':
		_, ok := s.text()
		return ok
	case '{', '[':
		if depth >= MaxDepth {
			return s.Fail("nested too deep")
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

func (s *Scanner) skipMembers(depth int) bool {
	for first := true; ; first = false {
		switch c := s.Peek(); {
		case c == '}':
			s.i++
			return true
		case first:
		case c == ',':
			s.i++
			s.space()
		default:
			return s.Fail("no comma between members")
		}
		if s.i >= len(s.b) || s.b[s.i] != '"' {
			return s.Fail("no member name")
		}
		if _, ok := s.text(); !ok {
			return false
		}
		if s.Peek() != ':' {
			return s.Fail("no colon after a member name")
		}
		s.i++
		s.space()
		if !s.Skip(depth) {
			return false
		}
	}
}

func (s *Scanner) skipElements(depth int) bool {
	for first := true; s.element(first); first = false {
		s.space()
		if !s.Skip(depth) {
			return false
		}
	}
	return s.Fault == ""
}

func (s *Scanner) literal(word string) bool {
	if len(s.b)-s.i < len(word) || string(s.b[s.i:s.i+len(word)]) != word {
		return s.Fail("no " + word)
	}
	s.i += len(word)
	return true
}

// number skips -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?
func (s *Scanner) number() bool {
	b, i := s.b, s.i
	if i < len(b) && b[i] == '-' {
		i++
	}
	start := i
	for i < len(b) && b[i]-'0' < 10 {
		i++
	}
	if i == start || b[start] == '0' && i > start+1 {
		return s.Fail("no value")
	}
	if i < len(b) && b[i] == '.' {
		for start, i = i, i+1; i < len(b) && b[i]-'0' < 10; i++ {
		}
		if i == start+1 {
			return s.Fail("no digit after the point")
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
			return s.Fail("no digit in the exponent")
		}
	}
	s.i = i
	return true
}
