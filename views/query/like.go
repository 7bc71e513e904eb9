package query

import (
	"slices"
	"strings"
)

// Matcher returns what reports whether a text matches. It is made once for all rows: streams
// ask it of each change, and scans of each text.
func (l Like) Matcher() func(string) bool {
	if l.Fold {
		match := Like{Pattern: strings.ToLower(l.Pattern)}.Matcher()
		return func(s string) bool { return match(strings.ToLower(s)) }
	}
	pattern := l.Pattern
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return func(s string) bool { return s == pattern }
	}
	first, last := parts[0], parts[len(parts)-1]
	middle := slices.DeleteFunc(slices.Clone(parts[1:len(parts)-1]), func(p string) bool { return p == "" })
	return func(s string) bool {
		if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
			return false
		}
		s = s[len(first) : len(s)-len(last)]
		for _, p := range middle {
			i := strings.Index(s, p)
			if i < 0 {
				return false
			}
			s = s[i+len(p):]
		}
		return true
	}
}
