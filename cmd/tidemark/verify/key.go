package verify

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// unique is a set of columns of which the database has no two rows alike.
type unique struct {
	primary bool
	columns []string
}

// bindKey compares the table's key with the database's, and finds an order of the rows
// that no two of them share.
func (d *Database) bindKey(ctx context.Context) error {
	found, err := d.dialect.uniques(ctx, d.db, d.name)
	if err != nil {
		return fmt.Errorf("describe the keys of %s in the source database: %w", d.Name(), err)
	}
	var declared []string
	for _, k := range d.key {
		declared = append(declared, d.columns[k].place)
		d.order = append(d.order, d.columns[k].native)
	}
	var primary []string
	for _, u := range found {
		if u.primary {
			primary = u.columns
		}
		if within(u.columns, declared) {
			d.unique = true
		}
		if within(u.columns, declared) && len(u.columns) == len(declared) {
			return nil
		}
	}
	if primary == nil {
		return nil // rows of one key are found when they are read
	}
	d.wrong = keysDiffer(declared, primary, d.Name())
	for _, c := range primary {
		if !slices.Contains(declared, c) {
			d.order = append(d.order, "t."+d.dialect.quote(c))
		}
	}
	d.unique = true
	return nil
}

// keysDiffer says what follows from a key that is not the primary key.
func keysDiffer(declared, primary []string, table string) string {
	text := fmt.Sprintf("the table's key is (%s), and the primary key of %s is (%s)", strings.Join(declared, ", "), table, strings.Join(primary, ", "))
	switch {
	case within(declared, primary):
		return text + ": rows that have the table's key in common are one row of the table"
	case within(primary, declared):
		return text + ": a row whose other key columns change, or that is deleted, may stay in the table under its old key"
	}
	return text
}

// within reports whether all of some columns are among others.
func within(some, others []string) bool {
	return !slices.ContainsFunc(some, func(c string) bool { return !slices.Contains(others, c) })
}

// uniquesOf reads rows of an index, a column of it, and whether it is the primary key's;
// those of an index are together.
func uniquesOf(rows *sql.Rows) ([]unique, error) {
	defer func() { _ = rows.Close() }()
	var out []unique
	before := ""
	for rows.Next() {
		var index, column string
		var primary bool
		if err := rows.Scan(&index, &column, &primary); err != nil {
			return nil, err
		}
		if len(out) == 0 || index != before {
			out = append(out, unique{primary: primary})
			before = index
		}
		u := &out[len(out)-1]
		u.columns = append(u.columns, column)
	}
	return out, rows.Err()
}
