package codectest

import (
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// Table makes a table of a format, whose key is a list with commas.
func Table(format tables.Format, key string, columns ...tables.Column) *tables.Table {
	return &tables.Table{Name: "t", Key: strings.Split(key, ","), Columns: columns, Source: tables.Source{Format: format}}
}
