package replica

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store"
)

// run writes what comes until the context ends.
func (w *writer) run(ctx context.Context) error {
	var group []item // as long as there was something to write at once
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
	for len(group) < groupLength {
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
			w.s.shared.Events.RecordStale(events.RecordStale{Partition: p, Offset: it.offset, SourceOffset: it.source})
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

// apply shows the group to readers. A change that does not fit the table, which
// only a corrupt record can be, is left out.
func (w *writer) apply(pos tables.Position) error {
	err := w.s.store.Apply(w.changes, pos)
	if err == nil {
		return nil
	}
	for i := range w.changes {
		if err := w.s.store.Apply(w.changes[i:i+1], nil); err != nil {
			w.s.shared.Unreadable(events.RecordUnreadable{What: "change of the changelog", Partition: events.NoPlace, Offset: events.NoPlace, Err: err})
		}
	}
	return w.s.store.Apply(nil, pos)
}
