package config

import (
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/tables"
)

// compiles checks the conditions of a table whose columns are all right.
func (o tableObject) compiles(t *tables.Table) {
	if o.hasFaultIn("columns") || t.ColumnsFrom == tables.ColumnsSchema {
		return // conditions are compiled when the schema has told the columns that they name
	}
	if t.Where != "" && !o.failed("where") {
		if _, err := filter.Compile(t); err != nil {
			o.fault("where", "%s", strings.TrimPrefix(err.Error(), "where: "))
		}
	}
	if t.Source.DeleteWhen != "" && !o.hasFaultIn("source") { // which is read again, and must not be complained about twice
		if _, _, err := filter.CompileDeletion(t); err != nil {
			o.mapping("source", keysOf("tables[].source")...).fault("delete_when", "%s", strings.TrimPrefix(err.Error(), "delete_when: "))
		}
	}
}

// hasFaultIn reports whether something below a key has been complained about.
func (o object) hasFaultIn(key string) bool {
	return slices.ContainsFunc(o.r.faults, func(f Fault) bool { return strings.HasPrefix(f.Path, o.at(key)) })
}
