package config

import (
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// tables reads the tables of the file and of those that it includes.
func (o object) tables(s kafka.Settings, included []object) []*tables.Table {
	l := &listing{first: map[string]place{}, sources: map[string]object{}}
	for _, file := range append([]object{o}, included...) {
		if file.r == o.r && o.has("include") && !o.has("tables") {
			continue // all of them are included
		}
		l.file(file)
	}
	l.ownTopics(s)
	return l.tables
}

// failed reports whether the value under a key has been complained about already.
func (o object) failed(key string) bool {
	n := o.values[key]
	return slices.ContainsFunc(o.r.faults, func(f Fault) bool { return n != nil && f.Line == n.Line && f.Column == n.Column })
}

// tableObject is the mapping of one table.
type tableObject struct{ object }

func (o tableObject) table() *tables.Table {
	t := &tables.Table{Document: tables.DocumentMode(o.choice("document", string(tables.DocumentDrop), string(tables.DocumentKeep), string(tables.DocumentDrop)))}
	if o.need("name", "want a-z, digits and underscores, such as orders") {
		t.Name = o.text("name", "")
		if !tableName.MatchString(t.Name) && !o.failed("name") {
			o.fault("name", "%q is no table's name: want a letter a-z, then at most 62 of a-z, digits and underscores", clip(t.Name))
		}
	}
	t.Source = o.source()
	t.ColumnsFrom = o.columnsFrom(t.Source.Format)
	t.Columns = o.columns(t.ColumnsFrom)
	if t.ColumnsFrom == tables.ColumnsSchema && !o.has("key") {
		t.Key = nil // the schema of the records' keys tells it
	} else if o.need("key", "the names of the columns that identify a row, such as [id]") {
		t.Key = o.columnNames("key", t)
		if n := o.values["key"]; n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
			o.fault("key", "the list is empty: want at least one column")
		}
	}
	o.checkKeyFormat(t)
	t.SortKey = o.columnNames("sort_key", t)
	t.Where = o.text("where", "")
	t.Batch = o.batch()
	o.unsupported("events", "keeping events")
	t.Rollups = o.rollups(t)
	o.compiles(t)
	return t
}

// columnsFrom reads columns_from.
func (o tableObject) columnsFrom(f tables.Format) tables.ColumnsFrom {
	if !o.has("columns_from") {
		return tables.ColumnsDeclared
	}
	from := tables.ColumnsFrom(o.choice("columns_from", "", string(tables.ColumnsSchema)))
	if from == tables.ColumnsSchema && f != "" && !slices.Contains(schemaFormats, f) {
		o.fault("columns_from", "records of %s carry no schema: declare the columns, or take a format of %s", f, words(schemaFormats))
	}
	return from
}

// checkKeyFormat compares source.key_format with the key's columns.
func (o tableObject) checkKeyFormat(t *tables.Table) {
	if t.Source.KeyFormat == tables.KeyJSON || len(t.Key) == 0 {
		return
	}
	if len(t.Key) > 1 {
		o.fault("key", "source.key_format is %s, which is one value, and the key has %d columns", t.Source.KeyFormat, len(t.Key))
		return
	}
	if i := t.ColumnIndex(t.Key[0]); i >= 0 && t.Source.KeyFormat == tables.KeyBytes && t.Columns[i].Type.Kind != tables.Bytes {
		o.fault("key", "source.key_format is bytes, and the column %s is %s: want a column of type bytes", t.Key[0], t.Columns[i].Type)
	}
}

// columnNames reads a list of names of columns, none of them twice.
func (o object) columnNames(key string, t *tables.Table) []string {
	var known []string
	for _, c := range t.Columns {
		if c.Name != "" && !slices.Contains(known, c.Name) {
			known = append(known, c.Name)
		}
	}
	var out []string
	for _, it := range o.list(key) {
		name, ok := o.r.textNode(it.node, it.path)
		switch {
		case !ok:
		case !slices.Contains(known, name) && (t.ColumnsFrom != tables.ColumnsSchema || name == "" || key == "group_by"):
			o.r.fault(it.node, it.path, "%q is no column of this table%s", clip(name), suggest(name, known))
		case slices.Contains(out, name):
			o.r.fault(it.node, it.path, "the column %s is given twice", name)
		default:
			out = append(out, name)
		}
	}
	return out
}
