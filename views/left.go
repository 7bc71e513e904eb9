package views

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
)

// A partition gives its row of a key up when another one has a later change. Partitions are
// read side by side, so the view may read that first: the row stays then, as one that is
// left, until something later is read; readers never miss a key that the database has. A
// later change that was a deletion may be gone from the changelog, compacted. It stood there
// before the row was given up: who has come to an end of the changelog that was asked for
// after that has read all that there is of it, and the row goes.

// doubled reports whether copies of a key are kept: several partitions have something of it,
// and one of them a row; or one has left its row, and nothing later was read.
func doubled(all []rows.Copy) bool {
	return len(all) > 1 && !allGone(all) || slices.ContainsFunc(all, isLeft)
}

func isLeft(c rows.Copy) bool { return c.Left }

// left drops the copies that their partitions have given up and that another one has
// something later than.
func left(all []rows.Copy) ([]rows.Copy, error) {
	if len(all) < 2 || !slices.ContainsFunc(all, isLeft) {
		return all, nil
	}
	at, err := standingsOf(all)
	if err != nil {
		return nil, err
	}
	var out []rows.Copy
	for i, c := range all {
		outrun := slices.ContainsFunc(at, func(o tables.Standing) bool {
			order, _ := o.Compare(at[i])
			return order > 0
		})
		if !c.Left || !outrun {
			out = append(out, c)
		}
	}
	return out, nil
}

// leave follows a key, and asks for an end of the changelog where a row of it is left.
func (s *session) leave(hash uint64, all []rows.Copy) {
	if !slices.ContainsFunc(all, isLeft) {
		s.homes.found(hash)
		return
	}
	asked := s.hold.count.Add(1)
	s.homes.mu.Lock()
	defer s.homes.mu.Unlock()
	if _, there := s.homes.left[hash]; !there {
		s.homes.left[hash] = asked
	}
}

// found says that no row of a key is left.
func (h *homes) found(hash uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.left, hash)
}

// leftBefore reports whether a row is left that was left before an end was asked for by
// this number.
func (h *homes) leftBefore(asked uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.left {
		if n <= asked {
			return true
		}
	}
	return false
}

func (h *homes) anyLeft() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.left) > 0
}

// abandon drops the rows that are left and whose later change is not in the changelog.
func (w *writer) abandon() error {
	if !w.s.homes.anyLeft() {
		w.leftUntil = nil
		return nil
	}
	if told := w.s.hold.told.Load(); w.leftUntil == nil && told != w.leftSeen {
		w.leftUntil = told
	}
	until := w.leftUntil
	if until == nil || !w.s.place.Next.Changelog.Reaches(until.ends) {
		return nil
	}
	w.leftUntil, w.leftSeen = nil, until
	if !w.s.homes.leftBefore(until.holes) {
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	due := map[tables.Key][]rows.Copy{}
	err := w.s.disk().EachCopies(context.Background(), func(key tables.Key, all []rows.Copy) error {
		if slices.ContainsFunc(all, isLeft) && w.s.homes.leftSince(hashOf(key)) <= until.holes {
			due[key] = cloned(all)
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
	all, _, err := w.s.copiesOf(it.key)
	if err != nil || len(all) > 0 {
		return err
	}
	w.homes[it.key] = it.partition
	return w.put(it, rows.Copy{Kind: rows.Gone})
}

// cloned is for copies that outlive the scan that they were found by.
func cloned(all []rows.Copy) []rows.Copy {
	out := slices.Clone(all)
	for i := range out {
		out[i].Bytes = slices.Clone(out[i].Bytes)
	}
	return out
}

// leftSince is by which number an end was asked for when a row of a key was left.
func (h *homes) leftSince(hash uint64) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.left[hash]
}

// drop drops what is left of a key, and shows the latest of the rest.
func (w *writer) drop(key tables.Key, all []rows.Copy) error {
	hash, gone := hashOf(key), all[slices.IndexFunc(all, isLeft)]
	all = slices.DeleteFunc(all, isLeft)
	w.s.homes.found(hash)
	var shown rows.Copy
	settled := true
	if len(all) == 0 {
		w.s.forget(w.batch, gone.Partition, key, max(gone.Offset, 0))
		shown = rows.Copy{Partition: gone.Partition, Kind: rows.Gone}
	} else {
		i, is, err := latest(all)
		if err != nil {
			return err
		}
		shown, settled = all[i], is
		w.s.keep(w.batch, key, all, shown)
	}
	w.s.homes.note(hash, doubled(all), settled)
	w.known.note(&item{key: key, foreign: shown.Kind == rows.Foreign})
	values, err := valuesOf(shown)
	if err != nil {
		return err
	}
	w.changes = append(w.changes, store.Change{Partition: shown.Partition, Offset: -1, Key: key, Values: values})
	w.next = append(w.next, 0)
	return nil
}

// forget removes a row that was given up: nothing else is known of its key.
func (s *session) forget(batch *rows.Batch, partition int32, key tables.Key, source int64) {
	s.bury(batch, partition, key, source, wire.AppendDeletion(nil, &wire.Deletion{GivenUp: true}))
	batch.DropCopies(key)
	s.homes.note(hashOf(key), false, true)
}
