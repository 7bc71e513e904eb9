package replica

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
)

// abandon drops the rows that are left and whose later change is not in the changelog.
func (w *writer) abandon() error {
	if !w.s.keys.AnyLeft() {
		w.leftUntil = nil
		return nil
	}
	if asked := w.s.hold.asked.Load(); w.leftUntil == nil && asked != w.leftSeen {
		w.leftUntil = asked
	}
	until := w.leftUntil
	if until == nil || !w.s.place.Next.Changelog.Reaches(until.ends) {
		return nil
	}
	w.leftUntil, w.leftSeen = nil, until
	if !w.s.keys.LeftBefore(until.holes) {
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	due := map[tables.Key][]rows.Copy{}
	err := w.s.Disk().EachCopies(context.Background(), func(key tables.Key, all []rows.Copy) error {
		if slices.ContainsFunc(all, duplicates.IsLeft) && w.s.keys.LeftSince(duplicates.Hash(key)) <= until.holes {
			due[key] = duplicates.Clone(all)
		}
		return nil
	})
	for key, all := range due {
		if err == nil {
			err = w.drop(key, all)
		}
	}
	if err != nil {
		return fmt.Errorf("rows that were given up: %w", err)
	}
	return nil
}

// leftOnDisk takes a row out of the rows in memory that the rows on disk, which are ahead,
// have dropped. Where they have something later of the key, memory comes to it, too.
func (w *writer) leftOnDisk(it *item) error {
	if err := w.flush(); err != nil {
		return err
	}
	all, _, err := w.s.copies.Of(it.key)
	if err != nil || len(all) > 0 {
		return err
	}
	w.homeOf[it.key] = it.partition
	return w.put(it, rows.Copy{Kind: rows.Gone})
}

// drop drops what is left of a key, and shows the latest of the rest.
func (w *writer) drop(key tables.Key, all []rows.Copy) error {
	hash, gone := duplicates.Hash(key), all[slices.IndexFunc(all, duplicates.IsLeft)]
	all = slices.DeleteFunc(all, duplicates.IsLeft)
	w.s.keys.NoneLeft(hash)
	var shown rows.Copy
	settled := true
	if len(all) == 0 {
		w.s.copies.Forget(w.batch, gone.Partition, key, max(gone.Offset, 0))
		shown = rows.Copy{Partition: gone.Partition, Kind: rows.Gone}
	} else {
		i, is, err := duplicates.Latest(all)
		if err != nil {
			return err
		}
		shown, settled = all[i], is
		w.s.copies.Keep(w.batch, key, all, shown)
	}
	w.s.keys.Follow(hash, duplicates.IsDuplicate(all), settled)
	w.known.note(&item{key: key, foreign: shown.Kind == rows.Foreign})
	values, err := duplicates.Values(shown)
	if err != nil {
		return err
	}
	w.changes = append(w.changes, store.Change{Partition: shown.Partition, Offset: -1, Key: key, Values: values})
	w.next = append(w.next, 0)
	return nil
}
