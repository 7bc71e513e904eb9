package query

import (
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// value reads text as a value of a column.
func value(field string, c *tables.Column, text string) (tables.Value, error) {
	in := text
	if c.Type.Kind != tables.String {
		in = strings.TrimSpace(in)
	}
	v, err := tables.ParseText(c.Type, in)
	if err == nil {
		return v, nil
	}
	return tables.Value{}, &Error{
		Problem: BadValue, Field: field,
		Detail: fmt.Sprintf("the column %s is %s: %v", c.Name, c.Type, err),
		Hint:   valueHint(c, in),
	}
}

func valueHint(c *tables.Column, text string) string {
	switch {
	case strings.EqualFold(text, "null"):
		return fmt.Sprintf("write %s=is.null to ask for null", c.Name)
	case c.Type.Kind == tables.Timestamp && strings.Count(text, " ") > 0:
		return "write the + of a zone as %2B in a URL"
	case c.Type.Kind == tables.Timestamp:
		return "write it as 2026-11-22T10:15:00.123456Z"
	}
	return ""
}
