package filter

import (
	"strings"
	"unicode/utf8"
)

// A likePattern is the pattern of LIKE as runes; anyText and anyRune are no code points.
type likePattern struct {
	runes []rune
	fold  bool
}

const (
	anyText rune = -1
	anyRune rune = -2
)

func parsePattern(s string, fold bool) likePattern {
	p := likePattern{fold: fold}
	if fold {
		s = strings.ToLower(s)
	}
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
			continue
		case r == '%':
			if n := len(p.runes); n > 0 && p.runes[n-1] == anyText {
				continue
			}
			r = anyText
		case r == '_':
			r = anyRune
		}
		p.runes = append(p.runes, r)
	}
	if escaped {
		p.runes = append(p.runes, '\\')
	}
	return p
}

// match reports whether the whole of s matches. After a mismatch it returns to
// the last % and lets that take one character more.
func (p *likePattern) match(s string) bool {
	if p.fold {
		s = strings.ToLower(s)
	}
	at, backAt, backText := 0, -1, ""
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case at < len(p.runes) && p.runes[at] == anyText:
			backAt, backText = at, s
			at++
			continue
		case at < len(p.runes) && (p.runes[at] == anyRune || p.runes[at] == r):
			at++
			s = s[n:]
			continue
		case backAt < 0:
			return false
		}
		_, n = utf8.DecodeRuneInString(backText)
		backText = backText[n:]
		s, at = backText, backAt+1
	}
	for at < len(p.runes) && p.runes[at] == anyText {
		at++
	}
	return at == len(p.runes)
}
