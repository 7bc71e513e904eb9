package verify

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// page is some rows of the database, read ahead.
type page struct {
	rows []row
	err  error
}

// page returns the next rows in the order of the key, after the last that was returned
// before; nil begins. The page behind is read while the caller looks at this one.
func (d *Database) page(ctx context.Context, after *row, limit int) ([]row, error) {
	var p page
	if after != nil && d.ahead != nil {
		p = <-d.ahead
		d.ahead = nil
	} else {
		p.rows, p.err = d.read(ctx, after, limit)
	}
	if p.err == nil && len(p.rows) >= limit {
		last := p.rows[len(p.rows)-1] // the caller moves the rows about
		ahead := make(chan page, 1)
		d.ahead = ahead
		go func() {
			rows, err := d.read(ctx, &last, limit)
			ahead <- page{rows, err}
		}()
	}
	return p.rows, p.err
}

// read reads a page. Where nothing makes the order unique it has one row more, if that
// has the key of the last one: the next page begins behind that key.
func (d *Database) read(ctx context.Context, after *row, limit int) ([]row, error) {
	var where string
	var args []any
	if after != nil {
		where, args = d.behind(after.page)
	}
	more := 0
	if !d.unique {
		more = 1
	}
	rows, err := d.query(ctx, fmt.Sprintf("%s%s ORDER BY %s LIMIT %d", d.selects(), where, strings.Join(d.order, ", "), limit+more), args)
	if len(rows) > limit && rows[limit].key != rows[limit-1].key {
		rows = rows[:limit]
	}
	return rows, err
}

// behind is the condition for the keys after one: (a > ?) or (a = ? and b > ?), which
// every database answers from the key's index.
func (d *Database) behind(key []any) (string, []any) {
	var alternatives []string
	var args []any
	for i := range d.order {
		var terms []string
		for j := 0; j <= i; j++ {
			op := "="
			if j == i {
				op = ">"
			}
			args = append(args, key[j])
			terms = append(terms, d.order[j]+" "+op+" "+d.dialect.parameter(len(args)))
		}
		alternatives = append(alternatives, "("+strings.Join(terms, " AND ")+")")
	}
	return " WHERE " + strings.Join(alternatives, " OR "), args
}

// rows returns those of the given keys that are there.
func (d *Database) rows(ctx context.Context, keys [][]tables.Value) (map[tables.Key]row, error) {
	out := make(map[tables.Key]row, len(keys))
	const most = 500 // keys of one statement
	for len(keys) > 0 {
		n := min(most, len(keys))
		condition, args := d.anyOf(keys[:n])
		found, err := d.query(ctx, d.selects()+" WHERE "+condition, args)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			out[r.key] = r
		}
		keys = keys[n:]
	}
	return out, nil
}

// anyOf is the condition that a row has one of the keys. Databases plan a list of values as one
// look into an index, and alternatives as one look each: a key of one column is given as a list.
func (d *Database) anyOf(keys [][]tables.Value) (condition string, args []any) {
	parameter := func(key []tables.Value, i int) string {
		args = append(args, d.dialect.argument(d.columns[d.key[i]].Type, key[i]))
		return d.dialect.parameter(len(args))
	}
	terms := make([]string, len(keys))
	if len(d.key) == 1 {
		for n, key := range keys {
			terms[n] = parameter(key, 0)
		}
		return d.columns[d.key[0]].native + " IN (" + strings.Join(terms, ", ") + ")", args
	}
	equal := make([]string, len(d.key))
	for n, key := range keys {
		for i, k := range d.key {
			equal[i] = d.columns[k].native + " = " + parameter(key, i)
		}
		terms[n] = "(" + strings.Join(equal, " AND ") + ")"
	}
	return strings.Join(terms, " OR "), args
}

// selects is the head of a statement: every column as text, then the key as it is.
func (d *Database) selects() string {
	var list []string
	for i := range d.columns {
		if e := d.columns[i].expression; e != "" {
			list = append(list, e)
		}
	}
	list = append(list, d.order...)
	names := make([]string, len(d.name))
	for i, n := range d.name {
		names[i] = d.dialect.quote(n)
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM " + strings.Join(names, ".") + " t"
}

func (d *Database) query(ctx context.Context, statement string, args []any) ([]row, error) {
	rows, err := d.db.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s in the source database: %w", d.Name(), err)
	}
	defer func() { _ = rows.Close() }()
	var out []row
	for rows.Next() {
		r, err := d.scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read %s in the source database: %w", d.Name(), err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// scan reads one row. A text that the column's type cannot hold is kept as it is.
func (d *Database) scan(rows *sql.Rows) (row, error) {
	texts := make([]sql.NullString, len(d.columns))
	r := row{values: make([]tables.Value, len(d.columns)), page: make([]any, len(d.order))}
	var into []any
	for i := range d.columns {
		if d.columns[i].expression != "" {
			into = append(into, &texts[i])
		}
	}
	for i := range r.page {
		into = append(into, &r.page[i])
	}
	if err := rows.Scan(into...); err != nil {
		return r, err
	}
	for i := range texts {
		if !texts[i].Valid {
			continue
		}
		read := d.columns[i].read
		if read == nil {
			read = tables.ParseText
		}
		v, err := read(d.columns[i].Type, texts[i].String)
		if err != nil {
			if r.unreadable == nil {
				r.unreadable = map[int]string{}
			}
			r.unreadable[i] = texts[i].String
			continue
		}
		r.values[i] = v
	}
	parts := make([]tables.Value, 0, len(d.key))
	for _, k := range d.key {
		if r.values[k].IsNull() {
			return r, nil // no key: it is counted, and compared with nothing
		}
		parts = append(parts, r.values[k])
	}
	r.key = tables.EncodeKey(parts...)
	return r, nil
}
