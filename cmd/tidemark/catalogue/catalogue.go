package catalogue

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Catalogue is what a database says of its tables.
type Catalogue struct {
	System   System
	Database string   // the one that the address names; of MySQL it may name none
	Tables   []*Table // in the order of their names

	ends map[string][]*Table  // by schema.table, as the names of topics have it
	full map[[2]string]*Table // by schema and table
}

// Table is a table of the database.
type Table struct {
	Schema  string // of MySQL the database
	Name    string
	Columns []Column
	Key     []string // the primary key, in its order

	// Identity are the columns by which the database's log identifies rows, where these are
	// those of another index than the primary key's.
	Identity []string

	byName map[string]int
}

// FullName returns the name with the schema.
func (t *Table) FullName() string { return t.Schema + "." + t.Name }

// Column returns a column by its name.
func (t *Table) Column(name string) (Column, bool) {
	i, ok := t.byName[name]
	if !ok {
		return Column{}, false
	}
	return t.Columns[i], true
}

// Column is a column of a table. Of a domain it is what stands below.
type Column struct {
	Name     string
	Declared string // the type as the database writes it: numeric(12,2)
	Type     string // without sizes, as the database calls it inside: numeric, int4, varchar

	Precision int // of exact numbers, in digits; 0 when there is none
	Scale     int
	Fraction  int // digits of seconds
	Length    int // of bit strings; 0 when there is none
	Unsigned  bool
	JSON      bool // a text that the database checks to be JSON
	Enum      bool
	Composite bool
	Items     *Column // of an array

	Nullable bool
	Computed bool // by the database, whose log does not have it
}

// patience bounds how long a database may take to say what it has.
const patience = 30 * time.Second

// Read reads the catalogue of the database at an address.
func Read(ctx context.Context, address string) (*Catalogue, error) {
	db, system, err := Connect(address, "tidemark init")
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }() // nothing was written
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("connect to the source database: %w", err)
	}
	return Of(ctx, db, system)
}

// Of reads the catalogue of a database that is open.
func Of(ctx context.Context, db *sql.DB, system System) (*Catalogue, error) {
	c := &Catalogue{System: system}
	ask := c.postgres
	if system == MySQL {
		ask = c.mysql
	}
	if err := ask(ctx, db); err != nil {
		return nil, fmt.Errorf("read the catalogue of the source database: %w", err)
	}
	c.index()
	return c, nil
}

// New returns a catalogue of tables, which are in the order of their names.
func New(system System, database string, tables []*Table) *Catalogue {
	c := &Catalogue{System: system, Database: database, Tables: tables}
	c.index()
	return c
}

// index makes what tables and columns are found by.
func (c *Catalogue) index() {
	c.ends, c.full = make(map[string][]*Table, len(c.Tables)), c.keyed()
	for _, t := range c.Tables {
		end := topicName(t.FullName())
		c.ends[end] = append(c.ends[end], t)
		t.byName = make(map[string]int, len(t.Columns))
		for i, col := range t.Columns {
			t.byName[col.Name] = i
		}
	}
}

// table returns the last table, or a new one when that has another name. Rows come in the order of tables.
func (c *Catalogue) table(schema, name string) *Table {
	if n := len(c.Tables); n > 0 && c.Tables[n-1].Schema == schema && c.Tables[n-1].Name == name {
		return c.Tables[n-1]
	}
	t := &Table{Schema: schema, Name: name}
	c.Tables = append(c.Tables, t)
	return t
}

// each reads the rows of a statement; row reads one of them.
func each(ctx context.Context, db *sql.DB, statement string, args []any, row func(scan func(...any) error) error) error {
	rows, err := db.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// keyed returns the tables by their full names, for rows about their keys.
func (c *Catalogue) keyed() map[[2]string]*Table {
	out := make(map[[2]string]*Table, len(c.Tables))
	for _, t := range c.Tables {
		out[[2]string{t.Schema, t.Name}] = t
	}
	return out
}
