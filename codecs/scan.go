package codecs

import (
	"fmt"
	"iter"
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

// scanning returns a scanner at the beginning of b.
func scanning(b []byte) scanner { return scanner{b: b} }

// members enters the object at which the scanner stands, and goes through its members:
// their numbers and names. The scanner then stands at the member's value, which the
// loop must read. The loop ends at a fault, also where no object stands. After its own
// end, and not after a break, the scanner is behind the object.
func (s *scanner) members() iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		if !s.enter('{') {
			return
		}
		for k := 0; ; k++ {
			name, ok := s.member(k == 0)
			if !ok || !yield(k, name) || s.fault != "" {
				return
			}
		}
	}
}

// elements is members of an array: the loop has their numbers.
func (s *scanner) elements() iter.Seq[int] {
	return func(yield func(int) bool) {
		if !s.enter('[') {
			return
		}
		for k := 0; s.element(k == 0); k++ {
			if !yield(k) || s.fault != "" {
				return
			}
		}
	}
}

// list calls element at every element of an array, which it must read, and returns
// how many there are. Anything but an array has none.
func (s *scanner) list(element func()) int {
	if s.peek() != '[' {
		s.value()
		return 0
	}
	n := 0
	for range s.elements() {
		if element(); s.fault == "" {
			n++
		}
	}
	return n
}

// pos returns where the scanner stands.
func (s *scanner) pos() int { return s.i }

// since returns the text that was read from a position on.
func (s *scanner) since(start int) []byte { return s.b[start:s.i:s.i] }

// rest returns the text that is not read yet.
func (s *scanner) rest() []byte { return s.b[s.i:] }

// pass passes over text that is known: the caller has seen that it comes next.
func (s *scanner) pass(n int) { s.i += n }

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
	return s.since(start)
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
