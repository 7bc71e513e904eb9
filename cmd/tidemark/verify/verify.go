package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/codecs/filter"
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
	keys     []uint64 // hashes of the keys that the database has
	suspects map[tables.Key]suspect
	enough   int        // suspects that are decided before more rows are looked at
	since    int64      // rows looked at since suspects were decided
	lastKey  tables.Key // of the database's rows, in their order
	done     int64      // rows of the database
}

// suspect is a key that looked different.
type suspect struct {
	parts []tables.Value // the values of the key's columns
	seen  uint64         // what the database's row was when it was read last; 0 when there was none
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
	c.report.Source, c.report.Key = o.Database.Name(), o.Database.wrong
	return c.run(ctx)
}

// comparison makes one of a source.
func (o Options) comparison(s source, columns []sourceColumn, skipped []Skipped) (*comparison, error) {
	where, err := filter.Compile(o.Table)
	if err != nil {
		return nil, fmt.Errorf("where of %s: %w", o.Table.Name, err)
	}
	for _, k := range skipped {
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(k.Column) + `\b`).MatchString(o.Table.Where) {
			return nil, fmt.Errorf("the where of %s names the column %s, which cannot be compared: %s", o.Table.Name, k.Column, k.Reason)
		}
	}
	c := &comparison{Options: o, source: s, columns: columns, where: where, suspects: map[tables.Key]suspect{}, enough: o.Enough}
	c.report = Report{Table: o.Table.Name, Skipped: append([]Skipped{}, skipped...), Differences: []Difference{}, Compared: []string{}, Columns: []ColumnCount{}}
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
		if c.report.Stopped != "" {
			break
		}
	}
	c.report.sort()
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
		c.done += int64(len(rows))
		c.since += int64(len(rows))
		c.Progress("rows of the database", c.done, c.Total)
		if err := c.pause(ctx); err != nil || c.report.Stopped != "" {
			return err
		}
	}
}

// look compares a page. What differs is suspect, not more: the two were read at
// different instants.
func (c *comparison) look(ctx context.Context, rows []row) error {
	rows = slices.DeleteFunc(rows, func(r row) bool {
		switch {
		case r.key != "":
		case r.foreignKey(c.Table.KeyColumns()):
			c.report.ForeignKeys++
		default:
			c.report.NoKey++
		}
		return r.key == "" || !c.belongs(&r)
	})
	if len(rows) == 0 {
		return nil
	}
	duplicates := c.duplicates(rows)
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
		if duplicates[rows[i].key] {
			continue
		}
		d, err := c.compare(&rows[i], found.Rows[i])
		if err != nil {
			return err
		}
		if d != nil {
			c.suspect(rows[i].key, rows[i].values)
		}
	}
	return nil
}

// duplicates finds keys of which the database has several rows, which follow each other. One
// statement has read them, so they are there at once; no table can have them all.
func (c *comparison) duplicates(rows []row) map[tables.Key]bool {
	var out map[tables.Key]bool
	for i := range rows {
		key := rows[i].key
		if key == c.lastKey {
			if out == nil {
				out = map[tables.Key]bool{}
			}
			out[key] = true
			delete(c.suspects, key)
			c.report.add(Difference{Kind: Duplicates, Key: keyObject(c.Table, rows[i].values)}, c.Most)
		}
		c.lastKey = key
	}
	return out
}

// belongs reports whether a row of the database is in the table by its where.
func (c *comparison) belongs(r *row) bool {
	return c.where == nil || c.where(r.values)
}

// process goes through the keys of the process: those that the database's pages did
// not have are suspect.
func (c *comparison) process(ctx context.Context) error {
	err := c.Process.Keys(ctx, func(raw json.RawMessage) error {
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
			c.suspect(key, values)
		}
		if c.report.TableRows%int64(c.PageRows) == 0 {
			c.Progress("keys of the table", c.report.TableRows, c.report.Rows)
		}
		if len(c.suspects) >= mostSuspects {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		if err = c.settle(ctx); err == nil {
			c.report.Stopped = fmt.Sprintf("ended after %d keys of the table: the database's rows do not have most of them", c.report.TableRows)
		}
	}
	return err
}

func (c *comparison) suspect(key tables.Key, values []tables.Value) {
	parts := make([]tables.Value, 0, len(c.Table.Key))
	for _, k := range c.Table.KeyColumns() {
		parts = append(parts, values[k])
	}
	if _, was := c.suspects[key]; !was {
		c.report.Suspects++
	}
	c.suspects[key] = suspect{parts: parts}
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
	if columns := compareRows(c.columns, database, values, len(c.report.Differences) < c.Most); len(columns) > 0 {
		return &Difference{Kind: Different, Key: keyObject(c.Table, values), Columns: columns}, nil
	}
	return nil, nil
}
