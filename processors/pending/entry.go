package pending

import (
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

// Action is what the callback has to do with an entry.
type Action uint8

const (
	Fold       Action = iota
	DeadLetter        // to the dead letters
	Truncate          // empty the table
	Skip              // a skipped event: done as soon as it is queued
)

// Entry is one source record from when it was read until it is done. Its change
// travels here, beside the message that goka carries.
type Entry struct {
	Offset int64
	Action Action
	done   bool
	Change tables.Change
	Raw    codecs.Record // as it was read: a dead letter loses nothing
	Cut    int64         // of a control record: the source offset that it was fed before
	Field  string        // why it is one
	Reason string
	Size   int
	Behind bool // by its position in the database's log it may have been sent before
	Alone  bool // of a truncate: all of the source came in this order
	// Elsewhere says that another partition of the source may have had a later change.
	Elsewhere bool
	// settled is how many dead letters a control record has settled.
	settled int64
}

// MayWait reports whether an entry can come to wait for an image.
func (e *Entry) MayWait() bool {
	c := &e.Change
	return e.Action == Fold && c.Incomplete && c.OldKey != "" && c.Op == tables.Upsert
}

// RefusedField is the field that cannot be used, if there is one.
func (e *Entry) RefusedField() string {
	if e == nil {
		return ""
	}
	return e.Field
}

// IsTombstone reports whether the record is a tombstone, and not an event that deletes.
func (e *Entry) IsTombstone() bool { return len(e.Raw.Value) == 0 || string(e.Raw.Value) == "null" }
