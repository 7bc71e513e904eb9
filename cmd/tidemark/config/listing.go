package config

import (
	"fmt"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// listing is the tables of all files. None of their names may occur twice, nor those of their rollups.
type listing struct {
	tables  []*tables.Table
	first   map[string]place  // where a name is first
	sources map[string]object // topic -> the table that is made from it
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// from writes the place as it is found from another file or from the same.
func (p place) from(file string) string {
	if p.file == file {
		return fmt.Sprintf("in line %d", p.line)
	}
	return fmt.Sprintf("in %s:%d", p.file, p.line)
}

// file reads the tables of one file.
func (l *listing) file(o object) {
	if !o.need("tables", "a list of at least one table") {
		return
	}
	items := o.list("tables")
	if len(items) == 0 && !o.failed("tables") {
		o.fault("tables", "the list is empty: want at least one table")
	}
	for _, it := range items {
		obj := tableObject{o.r.object(it.node, it.path, keysOf("tables[]")...)}
		if !obj.ok {
			continue
		}
		t := obj.table()
		l.takeNames(obj, t)
		if obj.has("source") {
			l.sources[t.Source.Topic] = obj.object
		}
		l.tables = append(l.tables, t)
	}
}

// takeNames notes where the names of a table and of its rollups are, and complains about those that are taken.
func (l *listing) takeNames(o tableObject, t *tables.Table) {
	if at, twice := l.first[t.Name]; twice && t.Name != "" {
		o.fault("name", "a table %s is declared %s already", t.Name, at.from(o.r.file))
	}
	if n := o.values["name"]; n != nil && l.first[t.Name].line == 0 {
		l.first[t.Name] = place{o.r.file, n.Line}
	}
	for i, it := range o.list("rollups") {
		if i >= len(t.Rollups) || t.Rollups[i].Name == "" {
			break
		}
		if at, twice := l.first[t.Rollups[i].Name]; twice {
			o.r.fault(it.node, it.path, "the name %s is used %s already; tables and rollups share their names", t.Rollups[i].Name, at.from(o.r.file))
		}
		l.first[t.Rollups[i].Name] = place{o.r.file, it.node.Line}
	}
}

// ownTopics refuses a source that Tidemark writes itself.
func (l *listing) ownTopics(s kafka.Settings) {
	for _, t := range l.tables {
		n := s.Names(t)
		for _, topic := range []string{n.Table, n.Batch, n.Snapshot, n.Batches, n.Progress, n.DeadLetters, n.Keyed, n.Repartitioned} {
			if o, ok := l.sources[topic]; ok {
				o.fault("source", "%s is a topic of the table %s, which Tidemark writes itself", topic, t.Name)
			}
		}
	}
}
