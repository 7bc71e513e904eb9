package cdc

import (
	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A deletionMark says by a declared condition which records delete their rows.
type deletionMark struct {
	holds func([]tables.Value) bool
	slots []int // of the paths that the condition names
	facts []tables.Value
}

// newDeletionMark returns nil for a source without a condition.
func newDeletionMark(t *tables.Table, d *jsonDecoder) *deletionMark {
	holds, paths, err := filter.CompileDeletion(t)
	if err != nil || holds == nil {
		return nil // NewDecoder has refused a condition that cannot be compiled
	}
	m := &deletionMark{holds: holds}
	for _, path := range paths {
		m.slots = append(m.slots, d.row.AddSlot(path))
	}
	return m
}

// meets reports whether a row with these values is deleted by its record.
func (m *deletionMark) meets(values []tables.Value, raw [][]byte) bool {
	m.facts = append(m.facts[:0], values...)
	for _, at := range m.slots {
		m.facts = append(m.facts, factOf(raw[at]))
	}
	return m.holds(m.facts)
}

// factOf returns a value as text: a string without its quotes, all else as it is written.
func factOf(raw []byte) tables.Value {
	if jsontext.IsNull(raw) {
		return tables.Value{}
	}
	if raw[0] == '"' {
		text, _ := jsontext.Unquote(raw) // the scanner has seen that it ends
		return tables.StringValue(string(text))
	}
	return tables.StringValue(string(raw))
}
