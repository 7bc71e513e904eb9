package jsontext

// MaxDepth is how deep JSON may nest, as in encoding/json: whoever reads what
// Tidemark serves can then parse it.
const MaxDepth = 10_000

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

// Value skips one value and returns its text, or nil on a fault.
func (s *Scanner) Value() []byte {
	s.space()
	start := s.i
	if !s.Skip(0) {
		return nil
	}
	return s.Since(start)
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
