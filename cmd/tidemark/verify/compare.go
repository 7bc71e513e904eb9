package verify

import (
	"bytes"
	"encoding/json"

	"github.com/tidemark/tidemark/tables"
)

// compareRows returns the columns in which a row of the database and one of the
// table differ.
// Without values the columns are named, and no more.
func compareRows(columns []sourceColumn, database *row, table []tables.Value, values bool) []ColumnDifference {
	var out []ColumnDifference
	for i := range columns {
		c := &columns[i]
		if c.expression == "" || c.equal(database, i, table[i]) {
			continue
		}
		if !values {
			out = append(out, ColumnDifference{Column: c.Name})
			continue
		}
		d := ColumnDifference{Column: c.Name, Database: c.literal(database.values[i]), Table: literal(c.Type, table[i])}
		if bad, is := database.unreadable[i]; is {
			d.Database, _ = json.Marshal(bad)
			d.Note = "no " + c.Type.String() + " can hold this"
		}
		out = append(out, d)
	}
	return out
}

// equal compares the i-th values of two rows.
func (c *sourceColumn) equal(database *row, i int, table tables.Value) bool {
	if _, bad := database.unreadable[i]; bad {
		return c.NullOnError && table.IsNull()
	}
	a := database.values[i]
	if c.Type.Kind == tables.JSON { // an answer does not distinguish a null document from none
		a, table = noDocument(a), noDocument(table)
	}
	switch {
	case a.IsNull() || table.IsNull():
		return a.IsNull() && table.IsNull()
	case c.same != nil:
		return c.same(a.Str(), string(tables.AppendText(nil, c.Type, table)))
	case c.Type.Kind == tables.JSON:
		return sameJSON(a.Str(), table.Str())
	case c.Type.Kind == tables.Float64 && c.single:
		// The shortest text of a 32-bit number and its 64-bit value are one number.
		return tables.Compare(tables.Float64Value(float64(float32(a.Float()))), tables.Float64Value(float64(float32(table.Float())))) == 0
	}
	return tables.Compare(a, table) == 0
}

func noDocument(v tables.Value) tables.Value {
	if !v.IsNull() && v.Str() == "null" {
		return tables.Value{}
	}
	return v
}

// sameJSON compares documents whatever the order of their members, spaces and escapes are.
func sameJSON(a, b string) bool {
	if a == b {
		return true
	}
	x, err1 := decodeJSON(a)
	y, err2 := decodeJSON(b)
	return err1 == nil && err2 == nil && sameTree(x, y, func(a, b any) bool {
		p, ok1 := a.(json.Number)
		q, ok2 := b.(json.Number)
		if ok1 && ok2 {
			return sameNumber(p.String(), q.String())
		}
		return a == b
	})
}

func decodeJSON(text string) (any, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber() // its digits are compared, none is rounded away
	err := d.Decode(&v)
	return v, err
}

// literal is a value of the database in JSON: as text where a rule compares its text.
func (c *sourceColumn) literal(v tables.Value) json.RawMessage {
	t := c.Type
	if c.same != nil && t.Kind != tables.JSON && !v.IsNull() {
		t = tables.Type{Kind: tables.String}
	}
	return literal(t, v)
}

func literal(t tables.Type, v tables.Value) json.RawMessage {
	return tables.AppendJSON(nil, t, v, false)
}
