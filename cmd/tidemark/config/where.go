package config

import (
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/tables"
)

// compiles checks the condition of a table whose columns are all right.
func (o object) compiles(t *tables.Table) {
	if t.Where == "" || o.failed("where") || o.hasFaultIn("columns") {
		return
	}
	if _, err := filter.Compile(t); err != nil {
		o.fault("where", "%s", strings.TrimPrefix(err.Error(), "where: "))
	}
}

// hasFaultIn reports whether something below a key has been complained about.
func (o object) hasFaultIn(key string) bool {
	return slices.ContainsFunc(o.r.faults, func(f Fault) bool { return strings.HasPrefix(f.Path, o.at(key)) })
}
