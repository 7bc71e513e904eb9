package drift

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/tables"
)

// Kind says what is different.
type Kind string

// The kinds.
const (
	Gone   Kind = "gone"   // a column's member is in the newest records no more
	New    Kind = "new"    // a member that was not there, and that no column reads
	Type   Kind = "type"   // a column's member has another type, scale or unit than before
	Key    Kind = "key"    // the records' keys have a member that the table's key lacks
	Tables Kind = "tables" // the topic holds records of several tables
)

// Line is one thing that is different.
type Line struct {
	Kind Kind
	What string // a column, a member, or the tables
	Text string
}

// What proves something where rows may leave members out.
const (
	enough    = 8 // records in a row without a member that was there, or never was
	enoughNew = 4 // records with a member that was not there
)

// maxLines and maxTables bound what is remembered.
const (
	maxLines  = 64
	maxTables = 8
)

// Tracker compares the records that it is shown, one after the other, with the table's
// declaration and with the first of them. It is not safe for concurrent use.
type Tracker struct {
	table   *tables.Table
	schemas avro.Schemas
	first   map[string]*state // by the source's table
	lines   map[string]Line
	told    map[string]tables.Column // what the schema tells and no column is, in a table that takes it
}

// state is what was seen of one table of the source.
type state struct {
	base   Shape
	seen   map[string]bool // members
	absent map[string]int  // by member: records in a row without it
	came   map[string]int  // by member that was not there at first: records with it
	looked int
}

// NewTracker returns a tracker that has seen nothing.
func NewTracker(t *tables.Table, schemas avro.Schemas) *Tracker {
	return &Tracker{table: t, schemas: schemas, first: map[string]*state{}, lines: map[string]Line{}, told: map[string]tables.Column{}}
}

// Told returns the columns that the records' schema tells and the table has not, by name. It is
// of a table that takes them.
func (d *Tracker) Told() []tables.Column {
	out := make([]tables.Column, 0, len(d.told))
	for _, name := range slices.Sorted(maps.Keys(d.told)) {
		out = append(out, d.told[name])
	}
	return out
}

// take notes what the schema tells of columns: those that the table has not, and those of
// another type, which are not taken.
func (d *Tracker) take(s *Shape) {
	for i := range s.told.Columns {
		told := &s.told.Columns[i]
		at := d.table.ColumnIndex(told.Name)
		if at < 0 {
			if len(d.told) < maxMembers {
				d.told[told.Name] = *told
			}
			continue
		}
		if c := &d.table.Columns[at]; c.Told && c.Type != told.Type {
			d.set(Type, c.Name, fmt.Sprintf("column %s is a %s, which the records' schema told before, and the schema says %s now: "+
				"declare the column with the type that is wanted, and tidemark apply makes the change", c.Name, c.Type, told.Type))
		}
	}
}

// Lines returns what is different, in a stable order.
func (d *Tracker) Lines() []Line {
	out := make([]Line, 0, len(d.lines))
	for _, k := range slices.Sorted(maps.Keys(d.lines)) {
		out = append(out, d.lines[k])
	}
	return out
}

// Look takes one more record. It returns the lines that were not there before.
func (d *Tracker) Look(r *codecs.Record) []Line {
	s, ok := ShapeOf(d.table, r, d.schemas)
	if !ok || d.other(s.Table) {
		return nil
	}
	before := maps.Clone(d.lines)
	st := d.first[s.Table]
	if st == nil && len(d.first) < maxTables {
		st = &state{base: s, seen: map[string]bool{}, absent: map[string]int{}, came: map[string]int{}}
		d.first[s.Table] = st
		d.several(s)
	}
	if st == nil {
		return nil
	}
	st.looked++
	d.findMissing(st, &s)
	d.types(st, &s)
	d.take(&s)
	d.added(st, &s)
	d.keys(&s)
	for name := range s.Members {
		if len(st.seen) < maxMembers {
			st.seen[name] = true
		}
	}
	var fresh []Line
	for _, k := range slices.Sorted(maps.Keys(d.lines)) {
		if _, was := before[k]; !was {
			fresh = append(fresh, d.lines[k])
		}
	}
	return fresh
}

// other reports whether a record is of another table than the declared one.
func (d *Tracker) other(table string) bool {
	want := d.table.Source.Table
	return want != "" && table != "" && table != want && !strings.HasSuffix(table, "."+want)
}

// Wants reports whether what a record says counts for the table.
func (d *Tracker) Wants(s Shape) bool { return !d.other(s.Table) }

func (d *Tracker) set(kind Kind, what, text string) {
	if len(d.lines) < maxLines {
		d.lines[string(kind)+" "+what] = Line{kind, what, text}
	}
}

func (d *Tracker) unset(kind Kind, what string) { delete(d.lines, string(kind)+" "+what) }

// several reports when records of two tables have different members: rows of one would
// be read as rows of the other. Parts of one table have the same.
func (d *Tracker) several(s Shape) {
	if d.table.Source.Table != "" {
		return
	}
	differ := false
	for _, st := range d.first {
		differ = differ || !sameNames(st.base.Members, s.Members)
	}
	if differ {
		names := slices.Sorted(maps.Keys(d.first))
		d.set(Tables, "", fmt.Sprintf("the topic has records of several tables, %s: their rows overwrite each other; "+
			"name the one that is meant in source.table, or give each a topic of its own", strings.Join(names, ", ")))
	}
}

func sameNames(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name := range a {
		if _, there := b[name]; !there {
			return false
		}
	}
	return true
}

// findMissing reports columns whose member is no longer there, or never was.
func (d *Tracker) findMissing(st *state, s *Shape) {
	for i := range d.table.Columns {
		c := &d.table.Columns[i]
		if slices.Contains(d.table.Key, c.Name) {
			continue // its absence makes a dead letter
		}
		name := memberOf(c, s.Members)
		if _, there := s.Members[name]; there {
			st.absent[name] = 0
			d.unset(Gone, c.Name)
			continue
		}
		st.absent[name]++
		sure := s.Schema || s.Complete && st.seen[name] || st.absent[name] >= enough
		if !sure || !s.Schema && d.table.Source.Missing == tables.MissingKeep {
			continue
		}
		d.set(Gone, c.Name, fmt.Sprintf("column %s: the newest records have no member %s; rows that they change become null in it, "+
			"and all others keep the value that they had before", c.Name, name))
	}
}

// memberOf is the topmost member that a column is read from: of the places that it may
// have, the first that is there.
func memberOf(c *tables.Column, members map[string]string) string {
	for _, where := range c.Places() {
		top, _, _ := strings.Cut(where, ".")
		for _, name := range []string{where, top} {
			if _, there := members[name]; there {
				return name
			}
		}
	}
	top, _, _ := strings.Cut(c.Where(), ".")
	return top
}

// types reports columns whose member has another type than at first. A null says nothing.
func (d *Tracker) types(st *state, s *Shape) {
	for i := range d.table.Columns {
		c := &d.table.Columns[i]
		name := memberOf(c, s.Members)
		now, was := s.Members[name], st.base.Members[name]
		switch {
		case now == "" || !s.Schema && c.Type.Kind == tables.JSON:
		case was == "":
			if st.base.Members[name] = now; len(st.base.Members) > maxMembers {
				delete(st.base.Members, name)
			}
		case now == was:
			d.unset(Type, c.Name)
		default:
			d.set(Type, c.Name, fmt.Sprintf("column %s: its values were %s and are %s now; check that the column's type and encoding "+
				"are right for both, or have the rows of before sent again", c.Name, was, now))
		}
	}
}

// added reports members that no column reads and that were not there.
func (d *Tracker) added(st *state, s *Shape) {
	read := map[string]bool{}
	for i := range d.table.Columns {
		read[memberOf(&d.table.Columns[i], s.Members)] = true
	}
	for name := range s.Members {
		if _, was := st.base.Members[name]; was || read[name] || st.looked == 1 || s.told.By(name) != nil {
			continue
		}
		if st.came[name]++; len(st.came) > maxMembers {
			return
		}
		loose := !s.Schema && !s.Complete
		switch {
		case loose && st.looked <= enough:
			st.base.Members[name] = s.Members[name] // rows of this form leave members out: what there is shows by and by
		case !loose || st.came[name] >= enoughNew:
			d.set(New, name, fmt.Sprintf("member %s is new and in no column: declare it, if it is wanted; rows from before keep null in it "+
				"until the source sends them again", name))
		}
	}
}

// ownMember begins the names of key members that routing adds.
const ownMember = "__dbz__"

// keys reports key members that the table's key lacks, for as long as the newest records have them.
func (d *Tracker) keys(s *Shape) {
	for k, l := range d.lines {
		if l.Kind == Key && len(s.Key) > 0 && !slices.Contains(s.Key, l.What) {
			delete(d.lines, k)
		}
	}
	for _, name := range s.Key {
		known := strings.HasPrefix(name, ownMember)
		for _, i := range d.table.KeyColumns() {
			c := &d.table.Columns[i]
			known = known || c.Name == name || c.Where() == name
		}
		if !known {
			d.set(Key, name, fmt.Sprintf("the records' keys have %s, which the key %v lacks: rows that differ in it alone are one row here", name, d.table.Key))
		}
	}
}
