package cdc

import (
	"bytes"
	"slices"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A signalFilter knows the rows of a connector's signal table, which the connector
// publishes like any other: where a transform routes several tables into one topic they
// are among the rows.
type signalFilter struct {
	off         bool   // the table has such columns itself
	rowTable    []byte // source.table of rows that are none
	signalTable []byte // source.table of signals
}

func newSignalFilter(t *tables.Table) signalFilter {
	return signalFilter{off: slices.ContainsFunc(t.Columns, func(c tables.Column) bool {
		return slices.Contains(c.Places(), "type") || slices.Contains(c.Places(), "data")
	})}
}

// is reports whether an event of the given source.table, with the given row, is a signal.
func (f *signalFilter) is(table, row []byte) bool {
	switch {
	case f.off || len(table) == 0 || bytes.Equal(table, f.rowTable):
		return false
	case bytes.Equal(table, f.signalTable):
		return true
	case jsontext.IsNull(row):
		return false
	case isSignal(row):
		f.signalTable = bytes.Clone(table)
		return true
	}
	f.rowTable = append(f.rowTable[:0], table...)
	return false
}

// isSignal reports whether an object is a signal: id, type and data, or, in a signal
// topic, type and data, with one of the types that only Debezium has. Its "log" and
// "schema-changes" could be a row's own words.
func isSignal(object []byte) bool {
	s := jsontext.Scan(object)
	known, data := false, false
	for _, name := range s.Members() {
		n := string(name)
		v := s.Value()
		switch n {
		case "id":
		case "data":
			data = true
		case "type":
			known = slices.Contains(signalTypes(), string(v))
		default:
			return false
		}
	}
	return s.Fault == "" && known && data
}

func signalTypes() []string {
	return []string{
		`"execute-snapshot"`, `"stop-snapshot"`, `"pause-snapshot"`, `"resume-snapshot"`,
		`"snapshot-window-open"`, `"snapshot-window-close"`,
	}
}
