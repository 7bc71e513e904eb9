package batch

import (
	"bytes"
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

// emission is one batch of one partition in the making.
type emission struct {
	*Options
	ctx     context.Context
	q       *cut
	state   *state.Store
	out     *inflight
	count   count
	changed int64
}

// write emits the records and counts the rows. How depends on what is known of the
// partition's last batch.
func (e *emission) write(last wire.Manifest, exists bool) error {
	known, ok, err := e.state.Batches.Emitted()
	if err != nil {
		return err
	}
	counted := ok && known.Complete && exists && known.Batch == last.Batch
	begun := known
	begun.Batch, begun.Complete = e.q.control.Batch, false
	if err := e.state.Batches.SetEmitted(begun); err != nil {
		return err
	}
	whole, err := e.state.Batches.Whole()
	if err != nil {
		return err
	}
	switch {
	case !exists:
		err = e.everything()
	case whole:
		if err = e.everything(); err == nil {
			err = e.deletions()
		}
	case counted:
		e.count.rows, e.count.sum = known.Rows, known.Checksum
		err = e.q.snapshot.Marked(known.Epoch, false, e.difference)
	default:
		if err = e.recount(); err == nil {
			err = e.q.snapshot.Marked(0, true, e.emit)
		}
	}
	if err == nil {
		err = e.count.hashes.Write()
	}
	if err == nil {
		err = e.out.wait(e.ctx)
	}
	return err
}

// everything is the first batch: all rows, and a tombstone for each key that is known to be gone.
func (e *emission) everything() error {
	if err := e.count.hashes.Wipe(); err != nil {
		return err
	}
	err := e.q.snapshot.Rows(func(key, row []byte) error {
		visible, err := e.add(key, row)
		if err != nil || !visible && !e.Several { // what another partition has of the key is compared with it
			return err
		}
		return e.emit(key, row)
	})
	if err != nil {
		return err
	}
	return e.q.snapshot.Marked(0, true, func(key, row []byte) error {
		if row != nil {
			return nil
		}
		return e.emit(key, nil)
	})
}

// deletions writes a tombstone for each key that is known to be deleted and has no row.
func (e *emission) deletions() error {
	return e.state.EachTomb(func(key string, _ state.Tomb) error {
		if had, err := e.q.snapshot.Has([]byte(key)); had || err != nil {
			return err
		}
		return e.emit([]byte(key), nil)
	})
}

// recount makes rows, checksum and hashes anew, where those of the last batch are not at hand.
func (e *emission) recount() error {
	if err := e.count.hashes.Wipe(); err != nil {
		return err
	}
	return e.q.snapshot.Rows(func(key, row []byte) error {
		_, err := e.add(key, row)
		return err
	})
}

// add counts a row, while the run lasts.
func (e *emission) add(key, row []byte) (bool, error) {
	if err := e.ctx.Err(); err != nil {
		return false, err
	}
	return e.count.add(key, row)
}

// difference counts and emits a row that changed since the last batch.
func (e *emission) difference(key, row []byte) error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	if err := e.count.change(key, row); err != nil {
		return err
	}
	return e.emit(key, row)
}

// emit writes a row's snapshot record: a tombstone when it is gone or hidden.
func (e *emission) emit(key, b []byte) error {
	rec := kgo.Record{Topic: e.Names.Snapshot, Partition: e.Partition, Key: append([]byte(nil), key...)}
	var hidden *wire.StateRow
	if b != nil {
		row, err := wire.ParseStateRow(b)
		if err != nil {
			return err
		}
		if !row.Hidden {
			rec.Value = wire.AppendSnapshotRecord(make([]byte, 0, len(b)+11), e.q.control.Batch, b)
		}
		hidden = &row
	}
	if rec.Value == nil && e.Several {
		said, err := e.deletionOf(key, hidden)
		if err != nil {
			return err
		}
		if said != nil {
			rec.Headers = []kgo.RecordHeader{{Key: wire.DeletionName, Value: said}}
		}
	}
	e.changed++
	return e.out.send(e.ctx, &rec)
}

// deletionOf is what a tombstone says of a deletion, or of a row that is hidden: a reader needs
// it where another partition has something of the key, too.
func (e *emission) deletionOf(key []byte, hidden *wire.StateRow) ([]byte, error) {
	if hidden != nil {
		d := wire.Deletion{Read: hidden.Time, Time: hidden.Time, Source: hidden.Source, Logged: hidden.Logged, Hidden: true}
		return wire.AppendDeletion(nil, &d), nil
	}
	t, _, err := e.q.snapshot.Tomb(key)
	if wire.IsGivenUp(t.Deletion) { // nothing to be compared with
		return wire.AppendDeletion(nil, &wire.Deletion{GivenUp: true}), err
	}
	return bytes.Clone(t.Deletion), err
}

// snapshotEnd is the next offset of the snapshot topic after the batch's records.
func (e *emission) snapshotEnd(last wire.Manifest) (int64, error) {
	if e.out.last >= 0 {
		return e.out.last + 1, nil
	}
	ends, err := e.Ends(e.ctx, e.Names.Snapshot)
	if err != nil {
		return 0, err
	}
	if int(e.Partition) >= len(ends) {
		return last.Snapshot, nil
	}
	return ends[e.Partition], nil
}

// publish writes the manifest, and then forgets what was needed to make the batch.
func (e *emission) publish(m wire.Manifest) error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	rec := kgo.Record{
		Topic: e.Names.Batches, Key: wire.AppendManifestKey(nil, m.Batch, m.Partition),
		Value: wire.AppendManifest(nil, m), Headers: []kgo.RecordHeader{{Key: wire.ChangelogIDName, Value: e.Changelog[:]}},
	}
	if err := e.out.send(e.ctx, &rec); err != nil {
		return err
	}
	if err := e.out.wait(e.ctx); err != nil {
		return err
	}
	e.Catalog.Add(m)
	done := state.Emitted{Batch: m.Batch, Rows: m.Rows, Checksum: m.Checksum, Epoch: e.q.snapshot.Epoch(), Complete: true}
	if err := e.state.Batches.SetEmitted(done); err != nil {
		return err
	}
	if err := e.state.Batches.DropBarrier(m.Batch); err != nil {
		return err
	}
	if err := e.state.Batches.ClearWhole(); err != nil {
		return err
	}
	return e.state.Batches.Clear(done.Epoch)
}
