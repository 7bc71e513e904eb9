package processors

import (
	"errors"
	"fmt"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// A truncate stands in one partition of the source and empties them all. Its own
// partition asks the others by control records, reads nothing more until each has
// confirmed, and only then removes its own rows and goes on: whoever sees the
// truncate's position reflected sees an empty table. The others keep it as a
// watermark, for they may read events from before it later than the request.

// truncation is a truncate of this partition that waits for the others.
type truncation struct {
	offset  int64
	read    int64 // the record's time
	time    int64
	source  tables.SourcePosition
	waiting map[int32]struct{} // partitions that have not confirmed
	all     *rowwriter.Acks
}

// watermark is the newest truncate of another partition.
type watermark struct {
	control wire.Control
	until   int64 // next source offset of this partition when the truncate was heard of
}

// truncateSource begins to empty the table.
func (r *run) truncateSource(e *entry, done func(error)) error {
	r.metrics.truncates.Inc()
	r.logger.Info("table truncated by the source", "offset", e.offset)
	t := &truncation{
		offset: e.offset, read: e.raw.Time.UnixMicro(), time: e.change.Time, source: e.change.Source,
		waiting: map[int32]struct{}{}, all: rowwriter.NewAcks(r.untilOver(done)),
	}
	value := wire.AppendControl(nil, wire.Control{
		Kind: wire.TruncateControl, Started: r.opts.Clock().UnixMicro(), Partition: r.partition,
		Offset: e.offset, Time: e.change.Time, Source: e.change.Source,
	})
	for p := range r.partitions {
		if p != r.partition {
			t.waiting[p] = struct{}{}
		}
		// To itself, too: a successor without local state must know of the truncate.
		r.rows.Send(kgo.Record{Topic: r.names.Batch, Partition: p, Value: value}, t.all.DeferCommit())
	}
	if len(t.waiting) > 0 {
		r.truncation = t
		return nil
	}
	return r.truncateHere(t)
}

// confirmed is told that another partition has no row before the truncate any more.
func (r *run) confirmed(c bus.Record, done bus.Done) error {
	t := r.truncation
	if t == nil || t.offset != c.Offset {
		return done.Now() // of an earlier run, which has asked for it, too
	}
	delete(t.waiting, c.Partition)
	if len(t.waiting) > 0 {
		return done.Now()
	}
	r.truncation = nil
	return errors.Join(r.truncateHere(t), done.Now())
}

func (r *run) truncateHere(t *truncation) error {
	r.emptied = t.offset
	err := r.store.Truncates.SetHere(t.offset)
	if err == nil {
		err = r.removeRows(t.deletion(r.partition), t.all, func(row *wire.StateRow) bool { return row.Offset < t.offset })
	}
	t.all.Close(err)
	return err
}

// deletion is what the rows' tombstones say.
func (t *truncation) deletion(partition int32) wire.Deletion {
	return wire.Deletion{Read: t.read, Time: t.time, Source: t.source, Truncate: true, Partition: partition, Offset: t.offset}
}

// truncateBefore removes the rows that stand before a truncate in another partition,
// and confirms it. The control record is done when the confirmation is written.
func (r *run) truncateBefore(m bus.Record, done bus.Done) error {
	c := m.Control
	if c.Partition == r.partition {
		done.Release(nil)
		r.emptied = max(r.emptied, c.Offset)
		return errors.Join(r.store.Truncates.SetHere(r.emptied), done.Now())
	}
	if err := r.raiseWatermark(c); err != nil {
		done.Release(err)
		return err
	}
	value := wire.AppendControl(nil, wire.Control{
		Kind: wire.TruncatedControl, Started: r.opts.Clock().UnixMicro(), Partition: r.partition, Offset: c.Offset,
	})
	all := rowwriter.NewAcks(func(err error) {
		if err != nil {
			done.Release(err)
			return
		}
		// The acknowledgements' goroutine must not wait, neither for room nor for the disk.
		r.later(func() {
			r.rows.Send(kgo.Record{Topic: r.names.Batch, Partition: c.Partition, Value: value}, func(err error) {
				if err == nil {
					done.When(nil)
				}
				done.Release(err)
			})
		}, done.Release)
	})
	d := wire.Deletion{
		Read: c.Started, Time: c.Time, Source: c.Source, Truncate: true, Partition: c.Partition, Offset: c.Offset,
	}
	err := r.removeRows(d, all, func(row *wire.StateRow) bool { return before(row.Source, row.Time, c) })
	all.Close(err)
	return err
}

// raiseWatermark keeps a truncate for the events that are still to be read.
func (r *run) raiseWatermark(c wire.Control) error {
	end, err := r.offsets.GetOffset(r.sourceTopic, r.partition, sarama.OffsetNewest)
	if err != nil {
		return fmt.Errorf("offsets of %s/%d: %w", r.sourceTopic, r.partition, err)
	}
	w := watermark{control: c, until: max(end, r.watermark.until)}
	if r.watermark.until > 0 && c.Time < r.watermark.control.Time {
		w.control = r.watermark.control // told again, or late
	}
	r.watermark = w
	return r.store.Truncates.SetElsewhere(w.until, wire.AppendControl(nil, w.control))
}

// loadWatermark reads what an earlier run has kept.
func (r *run) loadWatermark() error {
	emptied, err := r.store.Truncates.Here()
	if err != nil {
		return err
	}
	r.emptied = emptied
	until, value, err := r.store.Truncates.Elsewhere()
	if err != nil || value == nil {
		return err
	}
	c, err := wire.ParseControl(value)
	if err != nil {
		return fmt.Errorf("truncate in the local state: %w", err)
	}
	r.watermark = watermark{control: c, until: until}
	return nil
}

// truncated reports whether a change is from before a truncate that was heard of
// before it. Beyond the events that were there by then, only one that is older by
// the database's clock as well is: the positions of a restored database begin lower.
func (r *run) truncated(c *tables.Change) bool {
	w := &r.watermark
	if w.until == 0 || c.Op != tables.Upsert || !before(c.Source, c.Time, w.control) {
		return false
	}
	return c.Offset < w.until || ordered(c.Source, w.control.Source) && c.Time <= w.control.Time
}

// before reports whether an event is older than a truncate of another partition: by
// the database's own order between streamed events, else by time.
func before(source tables.SourcePosition, time int64, c wire.Control) bool {
	if ordered(source, c.Source) {
		return source.Compare(c.Source) < 0
	}
	return time <= c.Time
}

// ordered reports whether the database has put two events in an order.
func ordered(a, b tables.SourcePosition) bool {
	return a.Known() && a.Kind == b.Kind && !a.Snapshot && !b.Snapshot
}

// removeRows deletes the rows that gone says yes to: under the truncate's offset when
// it stood in this partition, else each under its own: a later change of the row must
// not look like a replay.
//
// A stamp says that all of its source record is there, so the rows of a truncate go
// under the offset before it, and progress tells of the truncate. Under that offset a
// replay of the very record before it would bring its row back: that row goes last,
// and under the truncate's own.
//
// An earlier attempt may have removed rows from the state whose tombstones never
// reached the changelog: the deletions that it has left are written again.
func (r *run) removeRows(d wire.Deletion, all *rowwriter.Acks, gone func(*wire.StateRow) bool) error {
	here := d.Partition == r.partition
	if err := r.removeAgainFor(d, all); err != nil {
		return err
	}
	n, last := 0, ""
	err := r.store.Each(func(key string, b []byte) error {
		row, err := wire.ParseStateRow(b)
		if err != nil || !gone(&row) {
			return err
		}
		n++
		switch {
		case !here:
			return r.removeFor(key, row.Offset, row.Offset, d, all)
		case row.Offset == d.Offset-1:
			last = key
			return nil
		}
		return r.removeFor(key, d.Offset, d.Offset-1, d, all)
	})
	if err == nil {
		err = r.dropOlder(gone)
	}
	if err == nil && last != "" {
		err = r.removeFor(last, d.Offset, d.Offset, d, all)
	}
	if n > 0 {
		r.logger.Info("rows removed by a truncate", "rows", n)
	}
	return err
}

// dropOlder forgets the rows of an older generation that a truncate removes.
func (r *run) dropOlder(gone func(*wire.StateRow) bool) error {
	return r.store.Previous.Each(func(key string, older, _ []byte) error {
		if len(older) > 0 {
			if s, err := wire.ParseStateRow(older); err != nil || !gone(&s) {
				return err
			}
		}
		return r.store.Previous.Drop(key)
	})
}

func (r *run) removeFor(key string, offset, stamp int64, d wire.Deletion, all *rowwriter.Acks) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	return r.rows.Delete(key, &rowwriter.Deletion{
		Says: d, From: state.Origin{Offset: stamp, Source: d.Source, Time: d.Time, Latest: d.Time}, Offset: offset,
	}, all.DeferCommit())
}

// removeAgainFor writes the tombstones of a truncate again that an earlier attempt at
// it has begun with.
func (r *run) removeAgainFor(d wire.Deletion, all *rowwriter.Acks) error {
	return r.store.EachTomb(func(key string, t state.Tomb) error {
		if !t.Brief || t.Told == nil {
			return nil
		}
		told, err := wire.ParseDeletion(t.Told)
		if err != nil || told.Partition != d.Partition || told.Offset != d.Offset {
			return err
		}
		if b, err := r.store.Get(key); b != nil || err != nil {
			return err // inserted again since
		}
		stamp := t.Offset
		if d.Partition == r.partition {
			stamp = d.Offset - 1
		}
		return r.removeFor(key, t.Offset, stamp, told, all)
	})
}
