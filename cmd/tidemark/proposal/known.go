package proposal

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/cmd/tidemark/connector"
	"github.com/tidemark/tidemark/tables"
)

// leftOut is a column that the table does not have, and why.
type leftOut struct{ column, why string }

// Connector returns the name of the connector that wrote the records, or nothing where they do not tell it.
func (p *Proposal) Connector() string { return p.rows.origin.Connector }

// Observe counts what the records tell of the connector's settings.
func (p *Proposal) Observe(s *connector.Settings) {
	for _, c := range p.rows.columns {
		if source, is := p.sourceColumn(c.name); is {
			s.Observe(source, c.known())
		}
	}
}

// known returns what the column's values have in common, with what their schema says.
func (c *column) known() connector.Values {
	v := c.evidence.values
	if c.evidence.items != nil {
		v.Items = &c.evidence.items.values
	}
	if c.schema != nil {
		v.Schema, v.SchemaType = c.schema.Name, c.schema.Type
	}
	return v
}

// sourceColumn returns the database's column of a member of the rows. Avro has names in which
// what is no letter, digit or underscore is an underscore.
func (p *Proposal) sourceColumn(name string) (catalogue.Column, bool) {
	if c, is := p.Source.Column(name); is {
		return c, true
	}
	if !p.Table.Source.Format.Avro() {
		return catalogue.Column{}, false
	}
	i := slices.IndexFunc(p.Source.Columns, func(c catalogue.Column) bool { return avroName(c.Name) == name })
	if i < 0 {
		return catalogue.Column{}, false
	}
	return p.Source.Columns[i], true
}

func avroName(name string) string {
	out := strings.Map(func(r rune) rune {
		if r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
	if out != "" && out[0] >= '0' && out[0] <= '9' {
		out = "_" + out
	}
	return out
}

// Know takes the columns from the database's catalogue, written as the connector's settings say.
func (p *Proposal) Know(s *connector.Settings) {
	var columns []tables.Column
	for _, c := range p.Table.Columns {
		isKey := slices.Contains(p.Table.Key, c.Name)
		source, is := p.sourceColumn(c.Name)
		switch {
		case !is && !isKey:
			p.leave(c.Name, "it is in the records, and not in the database's table")
			continue
		case is && source.Computed && !isKey:
			p.leave(c.Name, "it is generated, and in snapshots alone: the log has no value of it")
			continue
		case is:
			c = p.knownColumn(s, c, source, isKey)
		}
		columns = append(columns, c)
	}
	p.Table.Columns = columns
	p.absent()
	p.keysDiffer()
	p.rows = nil
}

// knownColumn declares a column as the database and the records together say.
func (p *Proposal) knownColumn(s *connector.Settings, c tables.Column, source catalogue.Column, isKey bool) tables.Column {
	seen := p.rows.byName[c.Name]
	if seen == nil {
		seen = &column{name: c.Name} // in the keys alone
	}
	bare := isKey && !p.rows.keySaid && p.Table.Source.KeyFrom != tables.KeyFromRow && !p.rows.inRow()
	found, ok := s.Declare(source, seen.known(), bare)
	if !ok {
		p.why[c.Name] = "the database calls it " + source.Declared
		return c
	}
	if source.Name != c.Name { // the records have it under another name, and verify asks the database
		c.Path, c.OtherPaths = c.Name, []string{source.Name}
	}
	p.certain(c.Name)
	c.Type, c.Encoding, c.Items = found.Type, found.Encoding, found.Items
	switch {
	case found.Sure && found.Why != "":
		p.why[c.Name] = found.Why
	case !found.Sure:
		p.Doubts[c.Name] = found.Why
	}
	if found.Other != nil {
		other := c
		other.Type, other.Encoding = found.Other.Type, found.Other.Encoding
		p.offers[c.Name] = &offer{columns: []tables.Column{other}, when: found.Of}
	}
	return c
}

func (p *Proposal) leave(column, why string) {
	p.certain(column)
	p.left = append(p.left, leftOut{column, why})
}

// absent says which columns of the database are in no record.
func (p *Proposal) absent() {
	for _, c := range p.Source.Columns {
		if p.rows.byName[c.Name] == nil && p.rows.byName[avroName(c.Name)] == nil && p.Table.ColumnIndex(c.Name) < 0 {
			p.leave(c.Name, "no record has it; the database calls it "+c.Declared)
		}
	}
}

// keysDiffer notes where the database's key is another one than the records'.
func (p *Proposal) keysDiffer() {
	key := slices.Clone(p.Source.Key)
	if p.Table.Source.Format.Avro() {
		for i, name := range key {
			key[i] = avroName(name)
		}
	}
	switch {
	case len(key) == 0 && len(p.Source.Identity) == 0:
		p.Notes = append(p.Notes, fmt.Sprintf("%s has no primary key", p.Source.FullName()))
	case len(key) > 0 && !sameNames(key, p.Table.Key):
		p.Notes = append(p.Notes, fmt.Sprintf("the primary key of %s is (%s), and the records' keys hold (%s): message.key.columns of the connector may say so",
			p.Source.FullName(), strings.Join(key, ", "), strings.Join(p.Table.Key, ", ")))
	}
	if len(p.Source.Identity) > 0 && len(key) > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("the log of %s identifies rows by (%s), which is not the primary key: deletions come under another key, and rows stay. Use REPLICA IDENTITY DEFAULT or FULL",
			p.Source.FullName(), strings.Join(p.Source.Identity, ", ")))
	}
}

// knownColumns returns the database's key, where the rows have its columns.
func (p *Proposal) knownColumns() []string {
	if p.Source == nil {
		return nil
	}
	key := p.Source.Key
	if len(key) == 0 {
		key = p.Source.Identity
	}
	if len(key) == 0 || slices.ContainsFunc(key, func(name string) bool { return p.Table.ColumnIndex(name) < 0 }) {
		return nil
	}
	return key
}

// knownKey takes the database's key among columns that all equal the records' keys.
func (p *Proposal) knownKey(names, also []string) (key, others []string) {
	known := p.knownColumns()
	if len(known) != 1 || !slices.Contains(also, known[0]) || len(names) != 1 {
		return names, also
	}
	return known, nil
}
