package query_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

func TestMatchHasThreeValues(t *testing.T) {
	null, one := tables.Value{}, tables.Int64Value(1)
	less := query.Compare{Op: query.Lt, Value: tables.Int64Value(2)}
	for _, c := range []struct {
		name string
		e    query.Expr
		v    tables.Value
		want bool
	}{
		{"no filter", nil, null, true},
		{"less", less, one, true},
		{"null is not less", less, null, false},
		{"nor is it not less", query.Not{Expr: less}, null, false},
		{"unknown or true", query.Or{less, query.Is{Test: query.IsNull}}, null, true},
		{"unknown and true", query.And{less, query.Is{Test: query.IsNull}}, null, false},
		{"in", query.In{Values: []tables.Value{tables.Int64Value(3), one}}, one, true},
		{"not in, of null", query.Not{Expr: query.In{Values: []tables.Value{one}}}, null, false},
		{"neq", query.Compare{Op: query.Neq, Value: one}, one, false},
		{"empty and", query.And{}, null, true},
		{"empty or", query.Or{}, null, false},
	} {
		if got := query.Match(c.e, []tables.Value{c.v}); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// globs is the definition of a pattern.
func globs(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return globs(p[1:], s) || s != "" && globs(p, s[1:])
	}
	return s != "" && s[0] == p[0] && globs(p[1:], s[1:])
}

func TestMatchOfPatternsIsTheirDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	word := func(letters string, n int) string {
		b := make([]byte, r.IntN(n))
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	hits := 0
	for range 20_000 {
		p, s := word("abB**", 7), word("abB", 9)
		fold := r.IntN(2) == 0
		want := globs(p, s)
		if fold {
			want = globs(strings.ToLower(p), strings.ToLower(s))
		}
		if got := query.Match(query.Like{Pattern: p, Fold: fold}, []tables.Value{tables.StringValue(s)}); got != want {
			t.Fatalf("%q like %q, fold %v: %v", s, p, fold, got)
		}
		if want {
			hits++
		}
	}
	if hits < 1000 {
		t.Errorf("only %d of the texts matched", hits)
	}
}
