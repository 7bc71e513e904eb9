package query

import (
	"strings"
)

// scanner reads the text of one parameter's value from left to right.
type scanner struct {
	field string
	text  string
	pos   int
	// conditions are those read so far, of all of a request's parameters.
	conditions *int
}

func (s *scanner) done() bool { return s.pos >= len(s.text) }

// peek returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	if s.done() {
		return 0
	}
	return s.text[s.pos]
}

// take moves past c when it is next.
func (s *scanner) take(c byte) bool {
	if s.done() || s.text[s.pos] != c {
		return false
	}
	s.pos++
	return true
}

// takePrefix moves past p when it is next.
func (s *scanner) takePrefix(p string) bool {
	if !strings.HasPrefix(s.text[s.pos:], p) {
		return false
	}
	s.pos += len(p)
	return true
}

func (s *scanner) spaces() {
	for s.peek() == ' ' {
		s.pos++
	}
}

// until returns the text up to one of the stops, or to the end.
func (s *scanner) until(stops string) string {
	rest := s.text[s.pos:]
	i := strings.IndexAny(rest, stops)
	if i < 0 {
		i = len(rest)
	}
	s.pos += i
	return rest[:i]
}

// word reads a name or a value: in double quotes, which may have spaces around
// them, or bare up to one of the stops, spaces and all.
func (s *scanner) word(stops string) (text string, quoted bool, err error) {
	start := s.pos
	if s.spaces(); s.peek() != '"' {
		s.pos = start
		return s.until(stops), false, nil
	}
	text, err = s.quoted()
	s.spaces()
	if err == nil && !s.done() && !strings.ContainsRune(stops, rune(s.peek())) {
		err = s.unexpected("after the closing quote")
	}
	return text, true, err
}

// quoted reads a text in double quotes; a backslash makes the next byte stand for itself.
func (s *scanner) quoted() (string, error) {
	start := s.pos
	s.pos++
	var out strings.Builder
	for !s.done() {
		c := s.text[s.pos]
		s.pos++
		switch {
		case c == '"':
			return out.String(), nil
		case c == '\\' && !s.done():
			out.WriteByte(s.text[s.pos])
			s.pos++
		default:
			out.WriteByte(c)
		}
	}
	return "", badParameter(s.field, `write a quote inside of quotes as \"`, "the quote at character %d is not closed", start+1)
}

// unexpected says where reading stopped.
func (s *scanner) unexpected(where string) *Error {
	if s.done() {
		return badParameter(s.field, "", "the end of the text is not expected %s", where)
	}
	return badParameter(s.field, `a value with , ( ) or quotes stands in double quotes`,
		"%s at character %d is not expected %s", Quote(s.text[s.pos:s.pos+1]), s.pos+1, where)
}
