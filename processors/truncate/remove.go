package truncate

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
)

// removeRows deletes the rows that gone says yes to: under the truncate's offset when
// it was in this partition, else each under its own: a later change of the row must
// not look like a replay.
//
// A stamp says that all of its source record is there, so the rows of a truncate go
// under the offset before it, and a progress record reports the truncate. Under that offset a
// replay of the very record before it would bring its row back: that row goes last,
// and under the truncate's own.
//
// An earlier attempt may have removed rows from the state whose tombstones never
// reached the changelog: the deletions that it has left are written again.
func (t *Truncates) removeRows(d *wire.Deletion, all *rowwriter.Acks, gone func(*wire.StateRow) bool) error {
	here := d.Partition == t.Partition
	if err := t.removeAgainFor(d, all); err != nil {
		return err
	}
	n, last := 0, ""
	err := t.state.Each(func(key string, b []byte) error {
		row, err := wire.ParseStateRow(b)
		if err != nil || !gone(&row) {
			return err
		}
		n++
		switch {
		case !here:
			return t.removeFor(key, row.Offset, row.Offset, d, all)
		case row.Offset == d.Offset-1:
			last = key
			return nil
		}
		return t.removeFor(key, d.Offset, d.Offset-1, d, all)
	})
	if err == nil {
		err = t.dropOlder(gone)
	}
	if err == nil && last != "" {
		err = t.removeFor(last, d.Offset, d.Offset, d, all)
	}
	if n > 0 {
		t.Events.RowsTruncated(events.RowsTruncated{Rows: n})
	}
	return err
}

// dropOlder forgets the rows of an older generation that a truncate removes.
func (t *Truncates) dropOlder(gone func(*wire.StateRow) bool) error {
	return t.state.Previous.Each(func(key string, older, _ []byte) error {
		if len(older) > 0 {
			if s, err := wire.ParseStateRow(older); err != nil || !gone(&s) {
				return err
			}
		}
		return t.state.Previous.Drop(key)
	})
}

func (t *Truncates) removeFor(key string, offset, stamp int64, d *wire.Deletion, all *rowwriter.Acks) error {
	if err := t.Alive(); err != nil {
		return err
	}
	return t.Rows.Delete(key, &rowwriter.Deletion{
		Says: *d, From: state.Origin{Offset: stamp, Source: d.Source, Time: d.Time, Latest: d.Time}, Offset: offset,
	}, all.DeferCommit())
}

// removeAgainFor writes the tombstones of a truncate again that an earlier attempt at
// it has begun with.
func (t *Truncates) removeAgainFor(d *wire.Deletion, all *rowwriter.Acks) error {
	return t.state.EachTomb(func(key string, left state.Tomb) error {
		if !left.Brief || left.Deletion == nil {
			return nil
		}
		deletion, err := wire.ParseDeletion(left.Deletion)
		if err != nil || deletion.Partition != d.Partition || deletion.Offset != d.Offset {
			return err
		}
		if b, err := t.state.Get(key); b != nil || err != nil {
			return err // inserted again since
		}
		stamp := left.Offset
		if d.Partition == t.Partition {
			stamp = d.Offset - 1
		}
		return t.removeFor(key, left.Offset, stamp, &deletion, all)
	})
}
