package replica

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
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
	leftUntil, leftSeen *toldEnds
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

func (w *writer) run(ctx context.Context) error {
	group := make([]item, 0, groupLength)
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case it := <-w.in:
			group = append(group[:0], it)
		}
		group = w.available(group)
		if err := w.take(ctx, group); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			w.s.unwritten.Store(true)
			w.s.spoil(err)
			return fmt.Errorf("write rows: %w", err)
		}
		clear(group)
	}
}

// available adds what has come already: a record never waits for another.
func (w *writer) available(group []item) []item {
	for len(group) < cap(group) {
		select {
		case it := <-w.in:
			group = append(group, it)
		default:
			return group
		}
	}
	return group
}

// take writes a group: at once, or, where rows are to be held back from some item on, what
// comes before that first.
func (w *writer) take(ctx context.Context, group []item) error {
	from := 0
	for i := range group {
		it := &group[i]
		if !w.breaks(it) {
			continue
		}
		if !w.s.hold.on && i > from {
			if err := w.write(ctx, group[from:i]); err != nil {
				return err
			}
			from = i
		}
		w.holdBack(it)
	}
	return w.write(ctx, group[from:])
}

// write makes a group durable and visible.
func (w *writer) write(ctx context.Context, group []item) error {
	w.batch.Reset()
	w.changes, w.next = w.changes[:0], w.next[:0]
	clear(w.homeOf)
	for i := range group {
		if err := w.add(&group[i]); err != nil {
			return err
		}
	}
	if err := w.abandon(); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	w.s.place.Settle()
	if err := w.s.shared.Gate.Enter(ctx); err != nil {
		return err
	}
	defer w.s.shared.Gate.Leave()
	w.before()
	if err := w.apply(w.s.place.Next.Source); err != nil {
		return err
	}
	held := w.s.hold.on
	if held {
		w.s.hold.keep(w.changes)
	}
	if held && w.s.hold.reached(&w.s.place.Next) {
		w.show()
	}
	if err := w.after(held); err != nil {
		return err
	}
	w.s.place.Publish()
	w.s.shared.Logs.Raise(w.connector, w.s.place.Next.Top)
	w.s.shared.Counters.Written(len(group), len(w.changes))
	return nil
}

// add puts an item into the group that is being written.
func (w *writer) add(it *item) error {
	at, p := w.s.place, it.partition
	if it.progress != nil {
		at.Expect(*it.progress)
		return nil
	}
	if it.offset < 0 {
		return nil // a nudge
	}
	if it.key != "" {
		if err := w.record(it); err != nil {
			return err
		}
	}
	w.touched[p] = true // after record, which may write what came before this item
	w.read[p] = it.offset + 1
	at.Step(p, it.offset+1, 0)
	if d := w.disk[p]; d.Changelog > 0 && it.offset+1 >= d.Changelog {
		at.Step(p, 0, d.Source) // the rows on disk had come so far by then
	}
	return nil
}

// record takes the change of a record, unless an older one comes late.
func (w *writer) record(it *item) error {
	at, p := w.s.place, it.partition
	if it.source >= 0 {
		stale, err := w.guards[p].stale(it.key, it.offset, it.source, w.stored[p])
		if err != nil {
			return err
		}
		if stale {
			w.s.shared.Counters.Stale.Inc()
			w.s.shared.Log.Debug("changelog record is older than one before it and is left out",
				"partition", p, "offset", it.offset, "source_offset", it.source)
			return nil
		}
		at.Step(p, 0, it.source+1)
	}
	at.Raise(p, it.top)
	if settled, err := w.settle(it); settled || err != nil {
		return err
	}
	w.homeOf[it.key] = p
	w.known.note(it)
	if it.offset >= w.ahead[p] {
		if it.row != nil {
			w.batch.Put(p, it.key, it.row)
		} else {
			w.s.copies.Bury(w.batch, p, it.key, max(it.source, 0), it.standsBy())
		}
	}
	if it.offset >= w.base.At(p) {
		w.changes = append(w.changes, store.Change{Partition: p, Offset: it.offset, Key: it.key, Values: it.values})
		w.next = append(w.next, it.source+1)
	}
	return nil
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

// apply shows the group to readers. A change that does not fit the table, which
// only a corrupt record can be, is left out.
func (w *writer) apply(pos tables.Position) error {
	err := w.s.store.Apply(w.changes, pos)
	if err == nil {
		return nil
	}
	for i := range w.changes {
		if err := w.s.store.Apply(w.changes[i:i+1], nil); err != nil {
			w.s.shared.Unreadable("change of the changelog", "error", err)
		}
	}
	return w.s.store.Apply(nil, pos)
}
