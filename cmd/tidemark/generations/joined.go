package generations

import (
	"slices"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// Joined returns the definition that a process has of a table whose columns come from the
// records' schema: what its file declares, all columns that the record has, and those that the
// schema has told since. The file wins over the record, and the record over what is told. No
// column goes, and the order is the record's: so all processes that follow one record have one
// definition. Any other table's definition is the declared one.
func Joined(l wire.GenerationRecord, declared *tables.Table, told []tables.Column) *tables.Table {
	if declared.ColumnsFrom != tables.ColumnsSchema {
		return declared
	}
	lists := [][]tables.Column{l.Current.Columns}
	if l.Build != nil && l.Build.Why == wire.BuildDefinition {
		lists = append(lists, l.Build.Table.Columns)
	}
	out := *declared
	out.Columns = nil
	for _, c := range slices.Concat(append(lists, declared.Columns, told)...) {
		if out.ColumnIndex(c.Name) >= 0 {
			continue
		}
		if i := declared.ColumnIndex(c.Name); i >= 0 {
			c = declared.Columns[i]
		} else {
			c.Told = true
		}
		out.Columns = append(out.Columns, c)
	}
	if len(out.Key) == 0 {
		out.Key = l.Current.Key
	}
	return &out
}
