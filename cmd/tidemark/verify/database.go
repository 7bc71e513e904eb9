package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/tables"
)

// Database is one table of a source database, read only.
type Database struct {
	db      *sql.DB
	dialect dialect
	name    []string // of the table, with its schema
	columns []sourceColumn
	key     []int    // places of the key's columns
	order   []string // the key in the database: its columns first, then what makes it unique there
	unique  bool     // whether order is unique
	skipped []Skipped
	wrong   string // how the table's key is not the database's
	ahead   chan page
}

// A dialect is what differs between the databases.
type dialect interface {
	quote(name string) string
	parameter(n int) string // the n-th, from 1
	// describe returns the types of a table's columns by name.
	describe(ctx context.Context, db *sql.DB, table []string) (map[string]sourceType, error)
	// form returns how a column is read and compared, or the reason why it is not.
	form(quoted string, s sourceType, c tables.Column) form
	// member returns the same for something inside of a column, such as city of address.
	member(quoted string, s sourceType, path string, c tables.Column) form
	// uniques returns the primary key and the unique indexes of a table.
	uniques(ctx context.Context, db *sql.DB, table []string) ([]unique, error)
	// position returns where the database's log is, as the header Tidemark-Min-Source has it.
	position(ctx context.Context, db *sql.DB) (string, error)
	estimate(ctx context.Context, db *sql.DB, table []string) (int64, error)
	// argument makes a parameter of a key's value.
	argument(t tables.Type, v tables.Value) any
}

// sourceType is the type of a column in its database.
type sourceType struct {
	name     string // lower case, without length: numeric, int4, varchar
	length   int    // of characters or bits, 0 without
	unsigned bool
	array    bool
	item     string // the type of an array's items
}

// sourceColumn is a column of the table, and what it is in the database.
type sourceColumn struct {
	tables.Column
	place      string // where in the database's row
	expression string // "" when it cannot be compared
	native     string // the quoted column, or what stands for it
	single     bool   // a 32-bit float
	read       func(t tables.Type, text string) (tables.Value, error)
	same       func(database, table string) bool // by texts; nil by values
}

// Open connects to the database at an address, a postgres://, mysql:// or mariadb://
// URL, and finds the table's columns in its table of the given name (schema.table, or
// the one that the source topic is named after when it is empty).
func Open(ctx context.Context, address, name string, t *tables.Table) (*Database, error) {
	db, system, err := catalogue.Connect(address, "tidemark verify")
	if err != nil {
		return nil, err
	}
	d := &Database{db: db, dialect: postgres{}}
	if system == catalogue.MySQL {
		d.dialect = mysqlDialect{}
	}
	if d.name = tableName(name, t.Source.Topic); len(d.name) == 0 {
		return nil, errors.Join(fmt.Errorf("the topic %s does not say which table it is of: name it, such as public.orders", t.Source.Topic), d.db.Close())
	}
	err = d.bind(ctx, t)
	if errors.Is(err, errNoTable) && name == "" && d.rename(ctx, system, t.Source.Topic) {
		err = d.bind(ctx, t)
	}
	if err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	return d, nil
}

// rename takes the name of the only table that connectors write to a topic of this name: they
// write _ for what the names of topics cannot have. It reports whether there is one.
func (d *Database) rename(ctx context.Context, system catalogue.System, topic string) bool {
	c, err := catalogue.Of(ctx, d.db, system)
	if err != nil {
		return false // the error that there is says which name was tried
	}
	found, _ := c.OfTopic(topic)
	if len(found) != 1 {
		return false
	}
	d.name = []string{found[0].Schema, found[0].Name}
	return true
}

var errNoTable = errors.New("the source database has no such table, or it may not be read")

// tableName splits schema.table, or takes the last two parts of a topic that
// Debezium named: prefix.schema.table.
func tableName(name, topic string) []string {
	if name != "" {
		return strings.SplitN(name, ".", 2)
	}
	parts := strings.Split(topic, ".")
	if len(parts) < 2 {
		return nil
	}
	return parts[len(parts)-2:]
}

// bind finds the table's columns in the database.
func (d *Database) bind(ctx context.Context, t *tables.Table) error {
	types, err := d.dialect.describe(ctx, d.db, d.name)
	if err != nil {
		return fmt.Errorf("describe %s in the source database: %w", d.Name(), err)
	}
	if len(types) == 0 {
		return fmt.Errorf("%s: %w", d.Name(), errNoTable)
	}
	for _, c := range t.Columns {
		sc, reason := d.column(c, types)
		if sc.expression == "" {
			d.skipped = append(d.skipped, Skipped{Column: c.Name, Reason: reason})
		}
		d.columns = append(d.columns, sc)
	}
	d.key = t.KeyColumns()
	for _, k := range d.key {
		if c := &d.columns[k]; c.expression == "" || c.same != nil {
			i := slices.IndexFunc(d.skipped, func(s Skipped) bool { return s.Column == c.Name })
			if i < 0 {
				return fmt.Errorf("the key's column %s cannot be compared as a %s", c.Name, c.Type)
			}
			return fmt.Errorf("the key's column %s cannot be compared: %s", c.Name, d.skipped[i].Reason)
		}
	}
	return d.bindKey(ctx)
}

// column finds what a column of the table is in the database, at the first of its places
// that is there, or why it is not there.
func (d *Database) column(c tables.Column, types map[string]sourceType) (sourceColumn, string) {
	sc := sourceColumn{Column: c}
	for _, place := range c.Places() {
		s, there := types[place]
		var f form
		if there {
			sc.native = "t." + d.dialect.quote(place)
			f = d.dialect.form(sc.native, s, c)
		} else {
			head, path, inside := strings.Cut(place, ".")
			if s, there = types[head]; !inside || !there {
				continue
			}
			f = d.dialect.member("t."+d.dialect.quote(head), s, path, c)
			sc.native = f.sql
		}
		sc.place, sc.expression, sc.read, sc.same = place, f.sql, f.read, f.same
		sc.single = s.name == "float4" || s.name == "float"
		return sc, f.reason
	}
	return sc, "the database's table has no such column"
}

// Name returns the name of the table in the database.
func (d *Database) Name() string { return strings.Join(d.name, ".") }

// Estimate returns about how many rows there are.
func (d *Database) Estimate(ctx context.Context) (int64, error) {
	return d.dialect.estimate(ctx, d.db, d.name)
}

// Close ends the connections.
func (d *Database) Close() error { return d.db.Close() }

func (d *Database) position(ctx context.Context) (string, error) {
	p, err := d.dialect.position(ctx, d.db)
	if err != nil {
		return "", fmt.Errorf("ask the source database for the position of its log: %w", err)
	}
	return p, nil
}
