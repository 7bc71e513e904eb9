package column

import (
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

// Schema is a table's columns, and how their values are kept.
type Schema struct {
	Table *tables.Table
	Types []tables.Type
	Forms []Form
}

// Known returns an error when the table has no column at a place.
func (s *Schema) Known(col int) error {
	if col < 0 || col >= len(s.Types) {
		return fmt.Errorf("column %d is not among the table's %d", col, len(s.Types))
	}
	return nil
}
