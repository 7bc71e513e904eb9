package replica

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changelog"
)

// item is one thing that a replica's writer does: a record of the changelog, or,
// without a key, a step over offsets that are not delivered.
type item struct {
	partition int32
	offset    int64 // of the record; the step goes to the one behind it
	source    int64 // offset of the source record, -1 when it is not known
	key       tables.Key
	row       []byte         // the state row; nil when the row is gone or hidden
	values    []tables.Value // of the row
	top       tables.SourcePosition
	foreign   bool   // the row has other columns than the table
	whole     int64  // source offset from which on the rows are whole, where the record says that they are not
	deletion  []byte // what a tombstone says
	state     []byte // the state row, also of a hidden or foreign one
	unsettled bool
	progress  *wire.Progress
}

// arena gives out room for the values of rows, many at a time: one allocation for
// each row is most of what reading it costs. A piece is twice as large as the one before: a partition
// that little comes from keeps little.
type arena struct {
	room   []tables.Value
	length int // of the next piece
}

const (
	leastArena  = 64
	arenaLength = 4096
)

func (a *arena) take(n int) []tables.Value {
	if len(a.room) < n {
		a.length = max(a.length, leastArena)
		a.room = make([]tables.Value, max(n, a.length))
		a.length = min(2*a.length, arenaLength)
	}
	out := a.room[:0:n]
	a.room = a.room[n:]
	return out
}

// reading turns a record of the changelog into an item. What cannot be read is an
// error; its offset is passed all the same.
func reading(rec changelog.Record, fingerprint uint32, columns int, room *arena) (item, error) {
	it := item{partition: rec.Partition, offset: rec.Offset, source: -1}
	if rec.Stamp != nil {
		stamp, err := wire.ParseStamp(rec.Stamp)
		if err != nil {
			return it, err
		}
		it.source = stamp.Offset
	}
	if rec.Whole != nil {
		whole, err := wire.ParseWhole(rec.Whole)
		if err != nil {
			return it, err
		}
		it.whole = whole
	}
	if rec.Key == "" {
		return it, fmt.Errorf("key is empty: %w", wire.ErrCorrupt)
	}
	if rec.Value == nil {
		it.key = tables.Key(rec.Key)
		if _, err := wire.ParseDeletion(rec.Deletion); err == nil {
			it.deletion = rec.Deletion
		}
		return it, nil
	}
	state, err := wire.ParseStateRow(rec.Value)
	if err != nil {
		return it, err
	}
	it.top, it.state, it.unsettled = state.Source, rec.Value, state.Unsettled
	switch {
	case state.Fingerprint != fingerprint:
		it.foreign = true
	case !state.Hidden:
		row, err := state.Row(room.take(columns))
		if err != nil {
			return it, err
		}
		it.row, it.values = rec.Value, row.Values
	}
	it.key = tables.Key(rec.Key)
	return it, nil
}
