package catalogue

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// topicName writes a name as connectors do in the names of topics.
func topicName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '_'
	}, name)
}

// OfTopic returns the tables that a topic may be of by its name: those whose schema and name
// are its end. There are several only where names differ in what topics cannot have in theirs.
// The prefix is what stands before, which the topics of a connector have in common.
func (c *Catalogue) OfTopic(topic string) (found []*Table, prefix string) {
	for rest, at := topic, 0; ; {
		if found = c.ends[rest]; len(found) > 0 {
			return found, strings.TrimSuffix(topic[:at], ".")
		}
		dot := strings.IndexByte(rest, '.')
		if dot < 0 {
			return nil, topic
		}
		rest, at = rest[dot+1:], at+dot+1
	}
}

// Origin is what a record says of where it comes from. What it does not say is empty.
type Origin struct {
	Connector               string
	Database, Schema, Table string // of MySQL, the schema is empty
}

// Reasons why no table is found.
var (
	ErrNoTable   = errors.New("the database has no such table, or it may not be read")
	ErrElsewhere = errors.New("the records are of another database than the one that was read")
	ErrSeveral   = errors.New("the name alone does not say which table of the database it is of")
)

// Find returns the table that a topic's records are of: the one that they name, else the one
// that the topic is named after.
func (c *Catalogue) Find(topic string, o Origin) (*Table, error) {
	if o.Table != "" && o.Database+o.Schema != "" {
		return c.named(o)
	}
	found, _ := c.OfTopic(topic)
	if len(found) == 0 {
		found = c.called(cmp.Or(o.Table, topic[strings.LastIndexByte(topic, '.')+1:]))
	}
	switch len(found) {
	case 0:
		return nil, ErrNoTable
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%w: %s and %s", ErrSeveral, found[0].FullName(), found[1].FullName())
}

// named returns the table that a record names.
func (c *Catalogue) named(o Origin) (*Table, error) {
	schema := o.Schema
	switch {
	case c.System == MySQL:
		schema = o.Database
	case o.Database != "" && o.Database != c.Database:
		return nil, fmt.Errorf("%w: %s, not %s", ErrElsewhere, o.Database, c.Database)
	}
	if t := c.full[[2]string{schema, o.Table}]; t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("%s.%s: %w", schema, o.Table, ErrNoTable)
}

// called returns the tables of a name alone, in whatever schema.
func (c *Catalogue) called(name string) (found []*Table) {
	for _, t := range c.Tables {
		if t.Name == name || topicName(t.Name) == name {
			found = append(found, t)
		}
	}
	return found
}

// Chosen reports whether the table is among those that are meant where nothing chooses: all
// of the database that the address names.
func (c *Catalogue) Chosen(t *Table) bool {
	return c.System == Postgres || c.Database == "" || t.Schema == c.Database
}
