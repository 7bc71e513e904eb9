package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

// Process is the running process that serves the table.
type Process interface {
	// Lookup returns the rows of keys, each a JSON object of the key's columns. With a
	// position of the database it waits for that, as long as Options.Settle says.
	Lookup(ctx context.Context, keys []json.RawMessage, position string) (Answer, error)
	// Keys calls fn with the key columns of every row, a JSON object each.
	Keys(ctx context.Context, fn func(json.RawMessage) error) error
	// Current reports whether the process has all that the brokers had a second ago.
	Current(ctx context.Context) (bool, error)
}

// Answer is what the process says to a lookup.
type Answer struct {
	// Rows are in the order of the keys: JSON objects, or null.
	Rows []json.RawMessage
	// Reached is false when the position was not reached; then there are no rows.
	Reached bool
	// At is how far the process is in the source topic.
	At string
}

// rowOf reads the values of the table's columns from a row's JSON object; a column
// that is not in it is null.
func rowOf(columns []tables.Column, raw json.RawMessage) ([]tables.Value, error) {
	found := make([]json.RawMessage, len(columns))
	if !membersInOrder(columns, raw, found) {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return nil, fmt.Errorf("read a row of the running process: %w", err)
		}
		for i, c := range columns {
			found[i] = members[c.Name]
		}
	}
	out := make([]tables.Value, len(columns))
	for i, c := range columns {
		v, err := valueOf(c.Type, found[i])
		if err != nil {
			return nil, fmt.Errorf("read a row of the running process: column %s: %w", c.Name, err)
		}
		out[i] = v
	}
	return out, nil
}

// valueOf reads a value from the JSON form of its type.
func valueOf(t tables.Type, raw json.RawMessage) (tables.Value, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return tables.Value{}, nil
	}
	if t.Kind == tables.JSON || raw[0] != '"' {
		return tables.ParseText(t, string(raw))
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return tables.Value{}, err
	}
	return tables.ParseText(t, text)
}

// keyObject writes the key of a row as the object that a lookup takes.
func keyObject(t *tables.Table, values []tables.Value) json.RawMessage {
	out := []byte{'{'}
	for i, c := range t.KeyColumns() {
		if i > 0 {
			out = append(out, ',')
		}
		out = tables.AppendJSONString(out, t.Columns[c].Name)
		out = append(out, ':')
		out = tables.AppendJSON(out, t.Columns[c].Type, values[c], false)
	}
	return append(out, '}')
}

// keyOf returns the key of a row; ok is false when a part of it is null.
func keyOf(t *tables.Table, values []tables.Value) (key tables.Key, ok bool) {
	var parts []tables.Value
	for _, c := range t.KeyColumns() {
		if values[c].IsNull() {
			return "", false
		}
		parts = append(parts, values[c])
	}
	return tables.EncodeKey(parts...), true
}
