package views

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

// Documents are on disk, where only the newest is kept of each row, and rows in memory may
// be of an earlier instant: of a cursor's first page, of a long stream's beginning, or by
// what the writer is about to show.

// DocumentOf returns the raw JSON of a row of a snapshot, when the table keeps it. Changed
// says that the row has changed since, and that its document of then is no longer there.
func (v *View) DocumentOf(snap *store.Snapshot, key tables.Key) (document []byte, changed bool, err error) {
	state, partition, err := v.rowOnDisk(key)
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
		return nil, false, v.spoiled(err)
	}
	if !changes.Equal(values, row.Values) {
		return nil, true, nil
	}
	return state.Document, false, nil
}

// Document returns the raw JSON of a row's newest state, when the table keeps
// it, and whether there is one. It is at least as new as the newest snapshot.
func (v *View) Document(key tables.Key) (document []byte, found bool, err error) {
	state, _, err := v.rowOnDisk(key)
	if state == nil || err != nil {
		return nil, false, err
	}
	return state.Document, state.Document != nil, nil
}
