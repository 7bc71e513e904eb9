package jsontext

import (
	"iter"
)

// Members enters the object at which the scanner is, and goes through its members:
// their numbers and names. The scanner then is at the member's value, which the
// loop must read. The loop ends at a fault, also where there is no object. After its own
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

// member moves to the next member of an object and returns its name, at whose
// value the scanner then is. ok is false after the last one, and on a fault.
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

// element moves to the next element of an array, at which the scanner then is.
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
