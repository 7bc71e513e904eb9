package repartition

import (
	"bytes"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/tables"
)

// A deletion is what the record before was, where it was an event that deletes a row. The
// connector's own tombstone follows it, and has no information: not even when the row was
// deleted. Copied among the records of other partitions it would mean a deletion
// that is later than it was. So it is left out. A tombstone without such an event is one.
type deletion struct {
	there  bool
	key    []byte
	offset int64
}

// then goes on to a record, and reports whether it is the tombstone of the one before.
func (d *deletion) then(r *kgo.Record, parts []cdc.Part) bool {
	deletes := len(parts) == 1 && parts[0].Fault == nil && parts[0].Op == tables.Delete
	if deletes && empty(r.Value) {
		mine := d.there && r.Offset == d.offset+1 && bytes.Equal(r.Key, d.key)
		d.there = false
		return mine
	}
	d.there, d.key, d.offset = deletes, r.Key, r.Offset
	return false
}

// empty reports whether a value says no more than that there is none.
func empty(value []byte) bool { return len(value) == 0 || string(value) == "null" }
