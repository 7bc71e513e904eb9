package filter

import (
	"fmt"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// compiler makes a filter a condition over the columns of a table.
type compiler struct{ *column.Schema }

// Compile returns a filter as a condition, or why the table does not have what it asks for.
func Compile(s *column.Schema, e query.Expr) (Condition, error) {
	return compiler{s}.normalize(e, false)
}

// normalize returns a filter, or what it is not, as a condition.
func (l compiler) normalize(e query.Expr, not bool) (Condition, error) {
	switch e := e.(type) {
	case nil:
		return AllOf{}, nil
	case query.And:
		return l.normalizeAll(e, not, !not)
	case query.Or:
		return l.normalizeAll(e, not, not)
	case query.Not:
		return l.normalize(e.Expr, !not)
	case query.Compare:
		return compareLeaf(l.Schema, e, not)
	case query.In:
		return inLeaf(l.Schema, e, not)
	case query.Like:
		return likeLeaf(l.Schema, e, not)
	case query.Is:
		return isLeaf(l.Schema, e, not)
	}
	return nil, fmt.Errorf("filter has an expression of unknown type %T", e)
}

func (l compiler) normalizeAll(parts []query.Expr, not, and bool) (Condition, error) {
	var out []Condition
	for _, p := range parts {
		c, err := l.normalize(p, not)
		if err != nil {
			return nil, err
		}
		if inner, ok := c.(AllOf); ok && and {
			out = append(out, inner...)
			continue
		}
		out = append(out, c)
	}
	if and {
		return AllOf(joinRanges(out)), nil
	}
	return anyOf(out), nil
}

// joinRanges makes one leaf of both ends of a range.
func joinRanges(all []Condition) []Condition {
	var out []Condition
	at := map[int]int{} // of a column's range in out
	for _, c := range all {
		l, ok := c.(Leaf)
		r, isRange := l.Test.(IntRange)
		if !ok || !isRange || l.Not || l.Nulls {
			out = append(out, c)
			continue
		}
		if i, ok := at[l.Col]; ok {
			first := out[i].(Leaf)
			other := first.Test.(IntRange)
			first.Test = IntRange{max(r.Low, other.Low), min(r.High, other.High)}
			out[i] = first
			continue
		}
		at[l.Col] = len(out)
		out = append(out, c)
	}
	return out
}
