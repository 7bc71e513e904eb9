package views

import (
	"context"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
)

// EachDuplicate calls fn with every key of which several partitions have a row or a deletion, and with what each has.
// It costs nothing where there are none.
func (v *View) EachDuplicate(ctx context.Context, fn func(key tables.Key, all []rows.Copy) error) error {
	s := v.runs.Current()
	if s == nil || s.Keys().Duplicates() == 0 {
		return nil
	}
	return s.Disk().EachCopies(ctx, fn)
}

// RowCopies counts the rows that partitions have of a key, wherever they are.
func (v *View) RowCopies(key tables.Key) (n int, err error) {
	s := v.runs.Current()
	if s == nil {
		return 0, nil
	}
	all, err := s.Disk().Copies(key)
	if err != nil {
		return 0, err
	}
	if n = RowsAmong(all); n > 0 {
		return n, nil
	}
	if _, found := s.Snapshot().Lookup(key, nil); found {
		n = 1
	}
	return n, nil
}

// RowsAmong counts the copies of a key that are rows.
func RowsAmong(all []rows.Copy) (n int) {
	for i := range all {
		if all[i].Kind != rows.Gone {
			n++
		}
	}
	return n
}

// DocumentOf returns the raw JSON of a row of a snapshot, when the table keeps it. Changed
// says that the row has changed since, and that its document of then is no longer there.
func (v *View) DocumentOf(snap *store.Snapshot, key tables.Key) (document []byte, changed bool, err error) {
	s := v.runs.Current()
	if s == nil {
		return nil, false, ErrUnavailable
	}
	return replica.DocumentOf(s, snap, key)
}

// Document returns the raw JSON of a row's newest state, when the table keeps
// it, and whether there is one. It is at least as new as the newest snapshot.
func (v *View) Document(key tables.Key) (document []byte, found bool, err error) {
	s := v.runs.Current()
	if s == nil {
		return nil, false, ErrUnavailable
	}
	return replica.Document(s, key)
}

// keys are the duplicate keys of the rows that readers see; none before there are rows.
func (v *View) keys() *duplicates.Keys {
	if s := v.runs.Current(); s != nil {
		return s.Keys()
	}
	return duplicates.NewKeys(false)
}
