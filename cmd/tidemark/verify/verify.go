package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

// source is what a comparison needs of a database.
type source interface {
	page(ctx context.Context, after *row, limit int) ([]row, error)
	rows(ctx context.Context, keys [][]tables.Value) (map[tables.Key]row, error)
	position(ctx context.Context) (string, error)
}

// comparison is one run.
type comparison struct {
	Options
	source   source
	columns  []sourceColumn
	where    func([]tables.Value) bool
	report   Report
	keys     []uint64                      // hashes of the keys that the database has
	suspects map[tables.Key][]tables.Value // the values of their keys' columns
}

// Run compares. The error says why it could not be done; what differs is in the report.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	c, err := o.comparison(o.Database, o.Database.columns, o.Database.skipped)
	if err != nil {
		return nil, err
	}
	c.report.Source = o.Database.Name()
	return c.run(ctx)
}

// comparison makes one of a source.
func (o Options) comparison(s source, columns []sourceColumn, skipped []Skipped) (*comparison, error) {
	where, err := codecs.CompileWhere(o.Table)
	if err != nil {
		return nil, fmt.Errorf("where of %s: %w", o.Table.Name, err)
	}
	for _, k := range skipped {
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(k.Column) + `\b`).MatchString(o.Table.Where) {
			return nil, fmt.Errorf("the where of %s names the column %s, which cannot be compared: %s", o.Table.Name, k.Column, k.Reason)
		}
	}
	c := &comparison{Options: o, source: s, columns: columns, where: where, suspects: map[tables.Key][]tables.Value{}}
	c.report = Report{Table: o.Table.Name, Skipped: append([]Skipped{}, skipped...), Differences: []Difference{}, Compared: []string{}}
	for i := range columns {
		if columns[i].expression != "" {
			c.report.Compared = append(c.report.Compared, columns[i].Name)
		}
	}
	return c, nil
}

func (c *comparison) run(ctx context.Context) (*Report, error) {
	began := time.Now()
	for _, step := range []func(context.Context) error{c.database, c.process, c.settle} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	c.report.Elapsed = time.Since(began).Seconds()
	return &c.report, nil
}

// database goes through the database's rows and looks each up in the process.
func (c *comparison) database(ctx context.Context) error {
	var last *row
	for {
		rows, err := c.source.page(ctx, last, c.PageRows)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			slices.Sort(c.keys)
			return nil
		}
		end := rows[len(rows)-1] // looking at them moves them about
		last = &end
		if err := c.look(ctx, rows); err != nil {
			return err
		}
		c.Step(int64(len(rows)))
	}
}

// look compares a page. What differs is suspect, not more: the two were read at
// different instants.
func (c *comparison) look(ctx context.Context, rows []row) error {
	rows = slices.DeleteFunc(rows, func(r row) bool {
		if r.key == "" {
			c.report.NoKey++
		}
		return r.key == "" || !c.belongs(&r)
	})
	if len(rows) == 0 {
		return nil
	}
	keys := make([]json.RawMessage, len(rows))
	for i := range rows {
		keys[i] = keyObject(c.Table, rows[i].values)
		c.keys = append(c.keys, xxhash.Sum64String(string(rows[i].key)))
	}
	c.report.Rows += int64(len(rows))
	found, err := c.Process.Lookup(ctx, keys, "")
	if err != nil {
		return err
	}
	for i := range rows {
		d, err := c.compare(&rows[i], found.Rows[i])
		if err != nil {
			return err
		}
		if d != nil {
			c.suspect(rows[i].values)
		}
	}
	return nil
}

// belongs reports whether a row of the database is in the table by its where.
func (c *comparison) belongs(r *row) bool {
	return c.where == nil || c.where(r.values)
}

// process goes through the keys of the process: those that the database's pages did
// not have are suspect.
func (c *comparison) process(ctx context.Context) error {
	return c.Process.Keys(ctx, func(raw json.RawMessage) error {
		c.report.TableRows++
		values, err := rowOf(c.Table.Columns, raw)
		if err != nil {
			return err
		}
		key, ok := keyOf(c.Table, values)
		if !ok {
			return fmt.Errorf("the running process has a row without a key: %s", raw)
		}
		if _, has := slices.BinarySearch(c.keys, xxhash.Sum64String(string(key))); !has {
			c.suspect(values)
		}
		return nil
	})
}

func (c *comparison) suspect(values []tables.Value) {
	key, _ := keyOf(c.Table, values)
	parts := make([]tables.Value, 0, len(c.Table.Key))
	for _, k := range c.Table.KeyColumns() {
		parts = append(parts, values[k])
	}
	c.suspects[key] = parts
	c.report.Suspects = int64(len(c.suspects))
}

// compare says how a key differs; nil when it does not. database is nil when it has
// no such row.
func (c *comparison) compare(database *row, found json.RawMessage) (*Difference, error) {
	absent := len(found) == 0 || string(found) == "null"
	if database != nil && !c.belongs(database) {
		database = nil
	}
	switch {
	case absent && database == nil:
		return nil, nil
	case absent:
		return &Difference{Kind: Missing, Key: keyObject(c.Table, database.values)}, nil
	}
	values, err := rowOf(c.Table.Columns, found)
	if err != nil {
		return nil, err
	}
	if database == nil {
		return &Difference{Kind: Unexpected, Key: keyObject(c.Table, values)}, nil
	}
	if columns := compareRows(c.columns, database, values); len(columns) > 0 {
		return &Difference{Kind: Different, Key: keyObject(c.Table, values), Columns: columns}, nil
	}
	return nil, nil
}
