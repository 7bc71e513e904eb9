package jsontext

import (
	"fmt"
)

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

// Pos returns where the scanner is.
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

// End reports whether nothing but space is left, and nothing was wrong.
func (s *Scanner) End() bool {
	s.space()
	if s.Fault == "" && s.i < len(s.b) {
		return s.Fail("text after the value")
	}
	return s.Fault == ""
}
