package schemacolumns

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rollup"
)

// Whole says what a definition names and has no column for: what its columns are is known only
// when the schema has told it. The error is for a person.
func Whole(t *tables.Table) error {
	if len(t.Key) == 0 {
		return fmt.Errorf("the key is not known: the records' keys have no names; declare key")
	}
	for what, names := range map[string][]string{"key": t.Key, "sort_key": t.SortKey} {
		for _, name := range names {
			if t.ColumnIndex(name) < 0 {
				return fmt.Errorf("%s: the records' schema tells no column %s: declare it under columns", what, name)
			}
		}
	}
	if _, err := filter.Compile(t); err != nil {
		return fmt.Errorf("with the columns that the records' schema tells: %w", err)
	}
	if _, _, err := filter.CompileDeletion(t); err != nil {
		return fmt.Errorf("with the columns that the records' schema tells: %w", err)
	}
	for _, def := range t.Rollups {
		if _, err := rollup.Describe(t, def); err != nil {
			return fmt.Errorf("with the columns that the records' schema tells: %w", err)
		}
	}
	return nil
}
