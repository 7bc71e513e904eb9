package proposal

import (
	"slices"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

// reading is how records are taken, where their format leaves it open.
type reading struct {
	within string // the member in which rows stand; empty: the value is the row
	cells  bool   // whether values stand in cells
	only   string // the source's table whose rows count; empty: the first that a record tells
}

// mostWithin bounds how many members are tried as the one in which rows are.
const mostWithin = 8

// take reads the rows in the way that their keys prove: as they are, in cells, or in a member of
// the value. Where nothing proves a way, they are taken as they are.
func take(records []*codecs.Record, only string) (*rows, error) {
	plain, err := readRows(records, reading{only: only})
	if err != nil {
		return nil, err
	}
	if plain.inCells() {
		return readRows(records, reading{cells: true, only: only})
	}
	if plain.format != tables.UpsertJSON || plain.tellsKey() {
		return plain, nil
	}
	var proven, named []*rows
	for _, c := range plain.columns[:min(len(plain.columns), mostWithin)] {
		if c.seen[lookNested] == 0 {
			continue
		}
		inner, err := readRows(records, reading{within: c.name})
		if err != nil {
			continue // the member holds no rows
		}
		if inner.tellsKey() {
			proven = append(proven, inner)
		}
		if inner.idColumn() != "" {
			named = append(named, inner)
		}
	}
	switch {
	case len(proven) == 1:
		return proven[0], nil
	case plain.keyNames == nil && plain.idColumn() == "" && len(named) == 1:
		return named[0], nil
	}
	return plain, nil
}

// tellsKey reports whether the rows hold what the records' keys hold.
func (o *rows) tellsKey() bool {
	if o.keyNames != nil {
		return !slices.ContainsFunc(o.keyNames, func(name string) bool { return o.byName[name] == nil })
	}
	names, _, _ := o.keys.best(o.inRow())
	return names != nil
}

// inCells reports whether all values are in cells, but for those of the key.
func (o *rows) inCells() bool {
	switch o.format {
	case tables.DebeziumJSON, tables.FlattenedJSON, tables.UpsertJSON:
	default:
		return false
	}
	return o.celled > 1 && !slices.ContainsFunc(o.columns, func(c *column) bool { return c.plain && !slices.Contains(o.keyNames, c.name) })
}

// cellOf returns what is in a cell: {"value": 7, "set": true}.
func cellOf(raw []byte) (value []byte, ok bool) {
	if !objectOf(raw) {
		return nil, false
	}
	ms, ok := members(raw)
	if !ok || slices.ContainsFunc(ms, func(m member) bool { return !slices.Contains([]string{"value", "set", "deletion_ts"}, m.name) }) {
		return nil, false
	}
	value = find(ms, "value")
	return value, value != nil
}
