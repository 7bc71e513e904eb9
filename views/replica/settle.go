package replica

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
)

// settle deals with a record whose key is in several partitions. It reports whether it
// has: of other keys it has nothing to say, and costs no read.
func (w *writer) settle(it *item) (bool, error) {
	h := w.s.keys
	if !h.Several {
		return false, w.follow(it)
	}
	hash, givenUp := duplicates.Hash(it.key), wire.IsGivenUp(it.deletion)
	if givenUp {
		h.End(it.partition, it.offset)
		if it.offset < w.ahead[it.partition] {
			return true, w.leftOnDisk(it)
		}
	}
	if !h.Has(hash) {
		home, there, err := w.home(it, hash)
		if err == nil && !there && h.Deletions.Has(hash) {
			home, there, err = w.deletedIn(it.key)
		}
		switch {
		case err != nil:
			return false, err
		case givenUp && (!there || home != it.partition):
			return true, nil // nothing is known of its row
		case givenUp:
		case !there || home == it.partition:
			return false, nil
		}
	}
	return true, w.choose(it, hash)
}

// follow keeps the list of unsettled keys where the processors choose.
func (w *writer) follow(it *item) error {
	if !it.unsettled && !w.s.keys.IsOpen(func() uint64 { return duplicates.Hash(it.key) }) {
		return nil
	}
	w.s.keys.Follow(duplicates.Hash(it.key), false, !it.unsettled)
	if it.unsettled {
		w.batch.PutCopies(it.key, []rows.Copy{{Partition: it.partition, Offset: it.source}})
	} else {
		w.batch.DropCopies(it.key)
	}
	return nil
}

// home returns the partition of the row of a record's key, or of what the group that is being
// written has of it: of the rows in memory, or of those on disk.
func (w *writer) home(it *item, hash uint64) (partition int32, there bool, err error) {
	key := it.key
	p, written := w.homeOf[key]
	if it.offset >= w.ahead[it.partition] && w.behindDisk() {
		return w.homeOnDisk(key, written)
	}
	if written {
		return p, true, nil
	}
	p, home := w.s.store.Provenance(key)
	if home != store.InBase && !(home == store.InDelta && w.s.keys.Borrowed.Has(hash)) {
		return p, home == store.InDelta, nil
	}
	return w.homeOnDisk(key, false)
}

// behindDisk reports whether the rows on disk have records of some partition that are still to
// be read again: of keys that these concern, the rows in memory say nothing.
func (w *writer) behindDisk() bool {
	for n := len(w.behind); n > 0; n-- {
		if p := w.behind[n-1]; w.read[p] < w.ahead[p] {
			return true
		}
		w.behind = w.behind[:n-1]
	}
	return false
}

// homeOnDisk returns the partition of a key's row on disk, after what the group has written of it.
func (w *writer) homeOnDisk(key tables.Key, written bool) (partition int32, there bool, err error) {
	if written {
		if err := w.flush(); err != nil {
			return 0, false, err
		}
	}
	row, p, err := w.s.Disk().Row(key)
	return p, row != nil, err
}

// deletedIn returns the partition that has the newest deletion of a key which has no row, and
// which the group that is being written has nothing of.
func (w *writer) deletedIn(key tables.Key) (partition int32, there bool, err error) {
	c, there, err := w.s.Disk().Deletion(key)
	return c.Partition, there && !wire.IsGivenUp(c.Bytes), err
}

// choose takes what a record's partition has now into what all have of its key, and
// shows the latest of it. Where the rows on disk are ahead of the record they know.
func (w *writer) choose(it *item, hash uint64) error {
	if err := w.flush(); err != nil {
		return err
	}
	all, before, err := w.s.copies.Of(it.key)
	if err != nil {
		return err
	}
	again := it.offset < w.ahead[it.partition]
	if !again || len(all) < 2 {
		if all, err = duplicates.DropLeft(taken(all, it)); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	i, settled, err := duplicates.Latest(all)
	if err != nil {
		return err
	}
	c := all[i]
	if !again {
		w.s.copies.Keep(w.batch, it.key, all, c)
		shown := *it
		shown.foreign = c.Kind == rows.Foreign
		w.known.note(&shown)
		w.s.keys.Leave(hash, all, w.s.hold.ask)
		if !duplicates.IsDuplicate(all) {
			w.s.keys.End(it.partition, it.offset)
		}
		if w.s.keys.Follow(hash, duplicates.IsDuplicate(all), settled) {
			w.s.shared.Events.KeyDuplicated(events.KeyDuplicated{Partition: it.partition, Offset: it.offset})
		}
	}
	w.homeOf[it.key] = c.Partition
	if !again && before.Partition == c.Partition && before.Offset == c.Offset && (c.Partition != it.partition || wire.IsGivenUp(it.deletion)) {
		return nil // what is shown is shown already
	}
	return w.put(it, c)
}

// taken puts what a record tells in the place of what its partition had, in the order of
// partitions. What is older than that is left out; what is given up goes as soon as what is
// later is there.
func taken(all []rows.Copy, it *item) []rows.Copy {
	c := it.copied()
	i := 0
	for i < len(all) && all[i].Partition < c.Partition {
		i++
	}
	mine := i < len(all) && all[i].Partition == c.Partition
	switch {
	case mine && c.Offset >= 0 && all[i].Offset > c.Offset:
		return all
	case wire.IsGivenUp(it.deletion):
		if mine {
			all[i].Left = true
		}
		return all
	case mine:
		all[i] = c
		return all
	}
	return append(all[:i:i], append([]rows.Copy{c}, all[i:]...)...)
}

// copied is what a record makes of its partition's copy of the key.
func (it *item) copied() rows.Copy {
	c := rows.Copy{Partition: it.partition, Offset: it.source, Kind: rows.Gone, Bytes: it.deletion}
	switch {
	case it.row != nil:
		c.Kind, c.Bytes = rows.Shown, it.row
	case it.foreign:
		c.Kind, c.Bytes = rows.Foreign, it.state
	case it.state != nil:
		c.Kind, c.Bytes = rows.Hidden, it.state
	}
	return c
}

// standsBy is what is kept of a record that removes a row or hides it.
func (it *item) standsBy() []byte { return duplicates.Tombstone(it.copied()) }
