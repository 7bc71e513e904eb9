package config

import (
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// tables reads the tables, none of whose names may stand twice.
func (o object) tables(s kafka.Settings) []*tables.Table {
	if !o.need("tables", "a list of at least one table") {
		return nil
	}
	items := o.list("tables")
	if len(items) == 0 && !o.failed("tables") {
		o.fault("tables", "the list is empty: want at least one table")
	}
	var out []*tables.Table
	taken := map[string]int{}    // name -> the line in which it stands
	sources := map[string]item{} // topic -> where it stands
	for _, it := range items {
		obj := tableObject{o.r.object(it.node, it.path, keysOf("tables[]")...)}
		if !obj.ok {
			continue
		}
		t := obj.table()
		obj.takeNames(t, taken)
		if src := obj.values["source"]; src != nil {
			sources[t.Source.Topic] = item{src, obj.at("source")}
		}
		out = append(out, t)
	}
	o.r.ownTopics(out, sources, s)
	return out
}

// ownTopics complains about sources that are topics which Tidemark writes.
func (r *reader) ownTopics(all []*tables.Table, sources map[string]item, s kafka.Settings) {
	for _, t := range all {
		n := s.Names(t)
		for _, topic := range []string{n.Table, n.Batch, n.Snapshot, n.Batches, n.Progress, n.DeadLetters, n.Keyed, n.Rekeyed} {
			if it, ok := sources[topic]; ok {
				r.fault(it.node, it.path, "%s is a topic of the table %s, which Tidemark writes itself", topic, t.Name)
			}
		}
	}
}

// failed reports whether the value under a key has been complained about already.
func (o object) failed(key string) bool {
	n := o.values[key]
	return slices.ContainsFunc(o.r.faults, func(f Fault) bool { return n != nil && f.Line == n.Line && f.Column == n.Column })
}

// tableObject is the mapping of one table.
type tableObject struct{ object }

// takeNames notes the lines of the names of a table and of its rollups, and complains about those that are taken.
func (o tableObject) takeNames(t *tables.Table, taken map[string]int) {
	if line, twice := taken[t.Name]; twice && t.Name != "" {
		o.fault("name", "a table %s stands in line %d already", t.Name, line)
	}
	if n := o.values["name"]; n != nil && taken[t.Name] == 0 {
		taken[t.Name] = n.Line
	}
	for i, it := range o.list("rollups") {
		if i >= len(t.Rollups) || t.Rollups[i].Name == "" {
			break
		}
		if line, twice := taken[t.Rollups[i].Name]; twice {
			o.r.fault(it.node, it.path, "the name %s stands in line %d already; tables and rollups share their names", t.Rollups[i].Name, line)
		}
		taken[t.Rollups[i].Name] = it.node.Line
	}
}

func (o tableObject) table() *tables.Table {
	t := &tables.Table{Document: tables.DocumentMode(o.choice("document", string(tables.DocumentDrop), string(tables.DocumentKeep), string(tables.DocumentDrop)))}
	if o.need("name", "want a-z, digits and underscores, such as orders") {
		t.Name = o.text("name", "")
		if !tableName.MatchString(t.Name) && !o.failed("name") {
			o.fault("name", "%q is no table's name: want a letter a-z, then at most 62 of a-z, digits and underscores", clip(t.Name))
		}
	}
	t.Source = o.source()
	t.Columns = o.columns()
	if o.need("key", "the names of the columns that identify a row, such as [id]") {
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
		case !slices.Contains(known, name):
			o.r.fault(it.node, it.path, "%q is no column of this table%s", clip(name), suggest(name, known))
		case slices.Contains(out, name):
			o.r.fault(it.node, it.path, "the column %s stands twice", name)
		default:
			out = append(out, name)
		}
	}
	return out
}
