package replica

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
)

// writer is the one goroutine that changes a replica's rows: on disk first, then
// in memory, where readers see a group of records at once. A row's document is
// therefore at least as new as the row.
type writer struct {
	s      *Replica
	in     <-chan item
	guards []*guard
	stored []newest        // per partition, what the rows on disk have of a key
	ahead  []int64         // changelog offsets before which the rows on disk have everything
	behind []int32         // partitions that are still read again up to there
	base   tables.Position // changelog offsets before which the store has everything
	disk   []rows.Position // of the rows on disk, once the changelog has come to them
	known  *OtherSchema
	homeOf map[tables.Key]int32 // of the keys of the group that is being written
	// connector is whose log the rows come from, as the source topic's name says.
	connector string

	batch    *rows.Batch
	recorder changes.Recorder // of the group that is being written
	since    tables.Position  // of the source, before the group
	changes  []store.Change
	next     []int64 // of the changes: the source offset behind each, 0 when it is not known
	read     []int64 // per partition, the next offset of the changelog to be written
	touched  []bool  // partitions that the group moves
	expect   []int64 // per partition, the offset behind what was read
	// leftUntil are ends of the changelog that are to be come to for rows that are left, and
	// leftSeen the last ones that were come to.
	leftUntil, leftSeen *askedEnds
}

func newWriter(s *Replica, in <-chan item) (*writer, error) {
	s.place.Rewind()
	at := s.place.At()
	w := &writer{
		s: s, in: in, base: at.Changelog, batch: rows.NewBatch(),
		read: make([]int64, s.set.Changelog.Partitions), touched: make([]bool, s.set.Changelog.Partitions),
		disk: append([]rows.Position(nil), s.origin.stored...), known: s.shared.OtherSchema, homeOf: map[tables.Key]int32{},
		connector: progress.ConnectorOf(s.shared.Table.Source.Topic),
	}
	for p := range s.set.Changelog.Partitions {
		stored := s.origin.stored[p]
		ahead := int64(0)
		if stored.Changelog > at.Changelog.At(p) {
			ahead = stored.Changelog
		}
		w.ahead = append(w.ahead, stored.Changelog)
		if s.begin(p) < stored.Changelog {
			w.behind = append(w.behind, p)
		}
		w.expect = append(w.expect, s.begin(p))
		w.guards = append(w.guards, newGuard(at.Source.At(p), at.Source.At(p), ahead))
		w.stored = append(w.stored, func(key tables.Key) (int64, error) { return w.newest(p, key) })
	}
	return w, nil
}

// newest is what the rows on disk have of a partition's key, this group's earlier
// records included.
func (w *writer) newest(partition int32, key tables.Key) (int64, error) {
	if err := w.flush(); err != nil {
		return -1, err
	}
	return w.s.Disk().Newest(partition, key)
}

// flush writes what the group has for the rows on disk, with the positions that
// belong to it.
func (w *writer) flush() error {
	for i := range w.touched {
		p, d := int32(i), &w.disk[i]
		if w.touched[i] && w.read[i] >= d.Changelog {
			d.Changelog = w.read[i]
			if d.Changelog >= w.base.At(p) { // before it the rows in memory are ahead
				d.Source = max(d.Source, w.s.place.Next.Source[i])
			}
			w.batch.Move(p, *d)
		}
		w.touched[i] = false
	}
	if w.batch.Len() == 0 {
		return nil
	}
	err := w.s.Disk().Write(w.batch)
	w.batch.Reset()
	return err
}

// put puts a copy into the rows in memory, at the record that has brought it about.
func (w *writer) put(it *item, c rows.Copy) error {
	if it.offset < w.base.At(it.partition) {
		return nil
	}
	values, err := duplicates.Values(c)
	if err != nil {
		return err
	}
	if values != nil && c.Partition != it.partition {
		w.s.keys.Borrowed.Add(duplicates.Hash(it.key))
	}
	w.changes = append(w.changes, store.Change{Partition: it.partition, Offset: it.offset, Key: it.key, Values: values})
	w.next = append(w.next, it.source+1)
	return nil
}
