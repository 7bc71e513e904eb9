package filter

import (
	"slices"

	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/stop"
)

// Searches reports whether many texts of a dictionary are looked through before the first row.
func Searches(c Condition, cols []column.Column) bool {
	switch c := c.(type) {
	case AllOf:
		return slices.ContainsFunc(c, func(part Condition) bool { return Searches(part, cols) })
	case anyOf:
		return slices.ContainsFunc(c, func(part Condition) bool { return Searches(part, cols) })
	case Leaf:
		t, ok := c.Test.(TextTest)
		return ok && t.Equal == nil && t.Order == nil && cols[c.Col].Dict != nil && cols[c.Col].Dict.Len() >= stop.Step
	}
	return false
}
