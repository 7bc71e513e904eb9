package replica

import (
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
)

// Documents are on disk, where only the newest is kept of each row, and rows in memory may
// be of an earlier instant: of a cursor's first page, of a long stream's beginning, or by
// what the writer is about to show.

// ErrUnavailable is returned where something is not there at present: before the
// first rows, or while rows on disk are brought back.
var ErrUnavailable = errors.New("not available at present")

// rowOnDisk returns the newest row of a key, nil where there is none, and its partition.
func rowOnDisk(s *Replica, key tables.Key) (*wire.StateRow, int32, error) {
	row, partition, err := s.Disk().Row(key)
	if errors.Is(err, rows.ErrClosed) {
		return nil, 0, ErrUnavailable
	}
	if err != nil {
		s.spoil(err)
		return nil, 0, err
	}
	if row == nil {
		return nil, 0, nil
	}
	state, err := wire.ParseStateRow(row)
	if err != nil {
		return nil, 0, spoiledBy(s, err)
	}
	return &state, partition, nil
}

// spoiledBy takes note of a row on disk that cannot be read.
func spoiledBy(s *Replica, err error) error {
	err = fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
	s.spoil(err)
	return err
}

// DocumentOf returns the raw JSON of a row of a snapshot, when the table keeps it. Changed
// says that the row has changed since, and that its document of then is no longer there.
func DocumentOf(s *Replica, snap *store.Snapshot, key tables.Key) (document []byte, changed bool, err error) {
	state, partition, err := rowOnDisk(s, key)
	if err != nil {
		return nil, false, err
	}
	values, there := snap.Lookup(key, nil)
	if state == nil || state.Hidden {
		return nil, there, nil
	}
	// A row on disk is the newest of its key. It is the snapshot's where that reflects
	// the event that it comes from; one that was filled in later has other values.
	if !there || state.Offset >= snap.Position().At(partition) {
		return nil, true, nil
	}
	row, err := state.Row(nil)
	if err != nil {
		return nil, false, spoiledBy(s, err)
	}
	if !changes.Equal(values, row.Values) {
		return nil, true, nil
	}
	return state.Document, false, nil
}

// Document returns the raw JSON of a row's newest state, when the table keeps it.
func Document(s *Replica, key tables.Key) (document []byte, found bool, err error) {
	state, _, err := rowOnDisk(s, key)
	if state == nil || err != nil {
		return nil, false, err
	}
	return state.Document, state.Document != nil, nil
}
