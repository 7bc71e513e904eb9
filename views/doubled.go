package views

import (
	"context"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// EachDoubled calls fn with every key that several partitions have something of, and with what each has.
// It costs nothing where there are none.
func (v *View) EachDoubled(ctx context.Context, fn func(key tables.Key, all []rows.Copy) error) error {
	s := v.current.Load()
	if s == nil || s.homes.Doubled() == 0 {
		return nil
	}
	return s.disk().EachCopies(ctx, fn)
}

// RowCopies counts the rows that partitions have of a key, wherever they stand.
func (v *View) RowCopies(key tables.Key) (n int, err error) {
	s := v.current.Load()
	if s == nil {
		return 0, nil
	}
	all, err := s.disk().Copies(key)
	if err != nil {
		return 0, err
	}
	if n = RowsAmong(all); n > 0 {
		return n, nil
	}
	if _, found := s.snapshot().Lookup(key, nil); found {
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
