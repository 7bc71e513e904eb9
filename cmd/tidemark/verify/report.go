package verify

import (
	"cmp"
	"encoding/json"
	"slices"
)

// Kind says how a key differs.
type Kind string

// The kinds of differences.
const (
	Missing    Kind = "missing"    // the database has the row, the table has not
	Unexpected Kind = "unexpected" // the table has a row that the database has not
	Different  Kind = "different"  // both have it, with other values
	Duplicates Kind = "doubled"    // the database has several rows of the key
)

// Difference is one key that differs.
type Difference struct {
	Kind    Kind               `json:"kind"`
	Key     json.RawMessage    `json:"key"` // an object of the key's columns
	Columns []ColumnDifference `json:"columns,omitempty"`
	// Reached says how it is known that the table had reached the database's position:
	// "position" when the process said so, "settled" when the difference stayed.
	Reached string `json:"reached"`
}

// ColumnDifference is one value that differs, in the JSON form of the column's type.
type ColumnDifference struct {
	Column   string          `json:"column"`
	Database json.RawMessage `json:"database"`
	Table    json.RawMessage `json:"table"`
	// Note says why the database's value cannot be in the table, where that is known.
	Note string `json:"note,omitempty"`
}

// Skipped is a column that could not be compared.
type Skipped struct {
	Column string `json:"column"`
	Reason string `json:"reason"`
}

// Report is what a comparison found.
type Report struct {
	Table      string    `json:"table"`
	Source     string    `json:"source"` // the table in the database
	Rows       int64     `json:"rows"`   // rows of the database that belong to the table
	TableRows  int64     `json:"table_rows"`
	Compared   []string  `json:"compared"` // columns
	Skipped    []Skipped `json:"skipped"`
	Missing    int64     `json:"missing"`
	Unexpected int64     `json:"unexpected"`
	Different  int64     `json:"different"`
	Duplicates int64     `json:"doubled"`
	Undecided  int64     `json:"undecided"` // keys that never stood still
	NoKey      int64     `json:"no_key"`    // rows whose key is null in the database: no table can have them
	// ForeignKeys counts rows whose key is no value of the declared type: no table can have them, since their
	// records are dead letters.
	ForeignKeys int64        `json:"foreign_keys"`
	Suspects    int64        `json:"suspects"` // keys that looked different at first
	Differences []Difference `json:"differences"`
	// Columns counts the differences of each column, the most first.
	Columns []ColumnCount `json:"columns"`
	// Key says how the table's key is not that of the database; empty when it is.
	Key string `json:"key_differs,omitempty"`
	// Stopped says why not all was compared; empty when it was.
	Stopped string  `json:"stopped,omitempty"`
	Elapsed float64 `json:"elapsed"` // seconds
}

// ColumnCount is how many rows differ in a column.
type ColumnCount struct {
	Column    string `json:"column"`
	Different int64  `json:"different"`
}

// Equal reports whether nothing differs, everything was looked at and decided, and each
// row of the database has a key of its own. Columns that were skipped do not count.
func (r *Report) Equal() bool {
	return r.found()+r.Undecided == 0 && r.Key == "" && r.Stopped == ""
}

// found is how many keys differ.
func (r *Report) found() int64 {
	return r.Missing + r.Unexpected + r.Different + r.Duplicates + r.ForeignKeys
}

func (r *Report) add(d Difference, most int) {
	switch d.Kind {
	case Missing:
		r.Missing++
	case Unexpected:
		r.Unexpected++
	case Different:
		r.Different++
	case Duplicates:
		r.Duplicates++
	}
	for _, c := range d.Columns {
		r.count(c.Column)
	}
	if len(r.Differences) < most {
		r.Differences = append(r.Differences, d)
	}
}

func (r *Report) count(column string) {
	i := slices.IndexFunc(r.Columns, func(c ColumnCount) bool { return c.Column == column })
	if i < 0 {
		i = len(r.Columns)
		r.Columns = append(r.Columns, ColumnCount{Column: column})
	}
	r.Columns[i].Different++
}

// sort puts the columns first in which most rows differ.
func (r *Report) sort() {
	slices.SortStableFunc(r.Columns, func(a, b ColumnCount) int { return cmp.Compare(b.Different, a.Different) })
}
