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

// deletes checks the condition under which the source's records delete their rows.
func (o object) deletes(t *tables.Table) {
	if t.Source.DeleteWhen == "" || o.hasFaultIn("source.delete_when") || o.hasFaultIn("columns") {
		return
	}
	s := o.object("source", keysOf("tables[].source")...)
	switch t.Source.Format {
	case tables.DebeziumAvro, tables.FlattenedAvro, tables.UpsertAvro, tables.MaxwellJSON, tables.CanalJSON:
		s.fault("delete_when", "records of %s tell by themselves what they delete, or are Avro: leave it out", t.Source.Format)
		return
	}
	if _, _, err := filter.CompileDeletion(t); err != nil {
		s.fault("delete_when", "%s", strings.TrimPrefix(err.Error(), "delete_when: "))
	}
}

// hasFaultIn reports whether something below a key has been complained about.
func (o object) hasFaultIn(key string) bool {
	return slices.ContainsFunc(o.r.faults, func(f Fault) bool { return strings.HasPrefix(f.Path, o.at(key)) })
}
