package codectest

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// Column makes a column from name, type and, perhaps, encoding.
func Column(t testing.TB, name, typ string, more ...string) tables.Column {
	t.Helper()
	ty, err := tables.ParseType(typ)
	if err != nil {
		t.Fatal(err)
	}
	c := tables.Column{Name: name, Type: ty}
	for _, m := range more {
		if e, err := tables.ParseEncoding(m); err == nil {
			c.Encoding = e
		} else {
			c.Path = m
		}
	}
	return c
}
