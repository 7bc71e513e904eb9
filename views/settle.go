package views

import (
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
)

// settle deals with a record whose key is in several partitions. It reports whether it
// has: of other keys it has nothing to say, and costs no read.
func (w *writer) settle(it *item) (bool, error) {
	h := w.s.homes
	if !h.several {
		return false, w.follow(it)
	}
	hash, givenUp := hashOf(it.key), wire.IsGivenUp(it.told)
	if givenUp {
		h.end(it.partition, it.offset)
		if it.offset < w.ahead[it.partition] {
			return true, w.leftOnDisk(it)
		}
	}
	if !h.has(hash) {
		home, there, err := w.home(it, hash)
		if err == nil && !there && h.deletions.has(hash) {
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
	if !it.unsettled && !w.s.homes.isOpen(func() uint64 { return hashOf(it.key) }) {
		return nil
	}
	w.s.homes.note(hashOf(it.key), false, !it.unsettled)
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
	p, written := w.homes[key]
	if it.offset >= w.ahead[it.partition] && w.behindDisk() {
		return w.homeOnDisk(key, written)
	}
	if written {
		return p, true, nil
	}
	p, home := w.s.store.Provenance(key)
	if home != store.InBase && !(home == store.InDelta && w.s.homes.borrowed.has(hash)) {
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
	row, p, err := w.s.disk().Row(key)
	return p, row != nil, err
}

// deletedIn returns the partition that has the newest deletion of a key which has no row, and
// which the group that is being written has nothing of.
func (w *writer) deletedIn(key tables.Key) (partition int32, there bool, err error) {
	c, there, err := w.s.disk().Deletion(key)
	return c.Partition, there && !wire.IsGivenUp(c.Bytes), err
}

// choose takes what a record's partition has now into what all have of its key, and
// shows the latest of it. Where the rows on disk are ahead of the record they know.
func (w *writer) choose(it *item, hash uint64) error {
	if err := w.flush(); err != nil {
		return err
	}
	all, before, err := w.s.copiesOf(it.key)
	if err != nil {
		return err
	}
	again := it.offset < w.ahead[it.partition]
	if !again || len(all) < 2 {
		if all, err = left(taken(all, it)); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	i, settled, err := latest(all)
	if err != nil {
		return err
	}
	c := all[i]
	if !again {
		w.s.keep(w.batch, it.key, all, c)
		shown := *it
		shown.foreign = c.Kind == rows.Foreign
		w.known.note(&shown)
		w.s.leave(hash, all)
		if !doubled(all) {
			w.s.homes.end(it.partition, it.offset)
		}
		if w.s.homes.note(hash, doubled(all), settled) {
			w.s.v.log.Warn("key lives in two partitions: the source wrote its bytes in two ways, or routes its events by something else; the later row is served",
				"partition", it.partition, "offset", it.offset)
		}
	}
	w.homes[it.key] = c.Partition
	if !again && before.Partition == c.Partition && before.Offset == c.Offset && (c.Partition != it.partition || wire.IsGivenUp(it.told)) {
		return nil // what is shown is shown already
	}
	return w.put(it, c)
}

// copiesOf returns what the partitions have of a key, and which of it is shown. Of a key
// that only one has something of, that is the row, or the newest deletion.
func (s *session) copiesOf(key tables.Key) (all []rows.Copy, shown rows.Copy, err error) {
	if all, err = s.disk().Copies(key); err != nil {
		return nil, shown, err
	}
	if len(all) > 0 {
		i, _, err := latest(all)
		if err != nil {
			return nil, shown, err
		}
		return all, all[i], nil
	}
	row, p, err := s.disk().Row(key)
	if err != nil {
		return nil, shown, err
	}
	if row != nil {
		state, err := wire.ParseStateRow(row)
		if err != nil {
			return nil, shown, fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
		}
		shown = rows.Copy{Partition: p, Offset: state.Offset, Kind: rows.Shown, Bytes: row}
		return []rows.Copy{shown}, shown, nil
	}
	shown, there, err := s.disk().Deletion(key)
	if err != nil || !there || wire.IsGivenUp(shown.Bytes) {
		return nil, rows.Copy{Partition: -1}, err
	}
	return []rows.Copy{shown}, shown, nil
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
	case wire.IsGivenUp(it.told):
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
	c := rows.Copy{Partition: it.partition, Offset: it.source, Kind: rows.Gone, Bytes: it.told}
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

// keep writes what is known of a key, and what is shown of it, to the rows on disk.
func (s *session) keep(batch *rows.Batch, key tables.Key, all []rows.Copy, c rows.Copy) {
	if c.Kind == rows.Shown {
		batch.Put(c.Partition, key, c.Bytes)
	} else {
		s.bury(batch, c.Partition, key, max(c.Offset, 0), standsBy(c))
	}
	for i := range all {
		if all[i].Kind != rows.Shown {
			s.homes.deletions.add(hashOf(key))
		}
	}
	if doubled(all) {
		batch.PutCopies(key, all)
	} else {
		batch.DropCopies(key)
	}
}

// allGone reports whether no partition has a row: then the newest deletion says it all.
func allGone(all []rows.Copy) bool {
	return !slices.ContainsFunc(all, func(c rows.Copy) bool { return c.Kind != rows.Gone })
}

// bury removes a row, and keeps what another partition's row of the key is compared with.
func (s *session) bury(batch *rows.Batch, partition int32, key tables.Key, source int64, told []byte) {
	if !s.homes.several {
		batch.Delete(partition, key, source)
		return
	}
	s.homes.deletions.add(hashOf(key))
	batch.DeleteTold(partition, key, source, told, uint32(s.v.o.Clock().Unix()))
}

// put puts a copy into the rows in memory, at the record that has brought it about.
func (w *writer) put(it *item, c rows.Copy) error {
	if it.offset < w.base.At(it.partition) {
		return nil
	}
	values, err := valuesOf(c)
	if err != nil {
		return err
	}
	if values != nil && c.Partition != it.partition {
		w.s.homes.borrowed.add(hashOf(it.key))
	}
	w.changes = append(w.changes, store.Change{Partition: it.partition, Offset: it.offset, Key: it.key, Values: values})
	w.next = append(w.next, it.source+1)
	return nil
}

// valuesOf returns the values of a copy, nil where it is not shown.
func valuesOf(c rows.Copy) ([]tables.Value, error) {
	if c.Kind != rows.Shown {
		return nil, nil
	}
	state, err := wire.ParseStateRow(c.Bytes)
	var row tables.Row
	if err == nil {
		row, err = state.Row(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("row of a key in several partitions: %w: %w", rows.ErrCorrupt, err)
	}
	return row.Values, nil
}

// latest returns which of the copies of a key counts, and whether something tells so.
func latest(all []rows.Copy) (i int, settled bool, err error) {
	standings, err := standingsOf(all)
	if err != nil {
		return 0, false, err
	}
	i, settled = tables.Latest(standings)
	return i, settled, nil
}

func standingsOf(all []rows.Copy) ([]tables.Standing, error) {
	out := make([]tables.Standing, len(all))
	for i := range all {
		var err error
		if out[i], err = standingOf(&all[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// standingOf reads where a copy stands. A deletion of which nothing is told stands before
// everything.
func standingOf(c *rows.Copy) (tables.Standing, error) {
	if len(c.Bytes) == 0 {
		return tables.Standing{}, nil
	}
	if c.Kind == rows.Gone {
		d, err := wire.ParseDeletion(c.Bytes)
		if err != nil {
			return tables.Standing{}, fmt.Errorf("deletion of a key in several partitions: %w: %w", rows.ErrCorrupt, err)
		}
		return d.Standing(), nil
	}
	s, err := wire.ParseStateRow(c.Bytes)
	if err != nil {
		return tables.Standing{}, fmt.Errorf("row of a key in several partitions: %w: %w", rows.ErrCorrupt, err)
	}
	return s.Standing(), nil
}

// standsBy is what is kept of a record that removes a row or hides it.
func (it *item) standsBy() []byte { return standsBy(it.copied()) }

// standsBy makes of a copy that is not shown what a deletion's tombstone would say.
func standsBy(c rows.Copy) []byte {
	if c.Kind == rows.Gone || c.Kind == rows.Shown || len(c.Bytes) == 0 {
		return c.Bytes
	}
	s, err := wire.ParseStateRow(c.Bytes)
	if err != nil {
		return nil
	}
	return wire.AppendDeletion(nil, hiddenBy(&s))
}

func hiddenBy(s *wire.StateRow) *wire.Deletion {
	return &wire.Deletion{Read: s.Time, Time: s.Time, Source: s.Source, Logged: s.Logged, Home: s.Home, Hidden: true}
}
