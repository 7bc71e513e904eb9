package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

func (l *layout) likeLeaf(e query.Like, not bool) (condition, error) {
	if err := l.column(e.Column); err != nil {
		return nil, err
	}
	if k := l.types[e.Column].Kind; k != tables.String && k != tables.JSON {
		return nil, fmt.Errorf("column %s is %s, and only text can be matched with a pattern",
			l.table.Columns[e.Column].Name, l.types[e.Column])
	}
	return leaf{col: e.Column, not: not, test: textTest{match: likeMatch(e.Pattern, e.Fold)}}, nil
}

// likeMatch returns the match of a pattern in which * stands for any text.
func likeMatch(pattern string, fold bool) func(string) bool {
	if fold {
		match := likeMatch(strings.ToLower(pattern), false)
		return func(s string) bool { return match(strings.ToLower(s)) }
	}
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
