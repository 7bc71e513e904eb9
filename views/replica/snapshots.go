package replica

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// gathering makes the first rows of a replica of the records of the snapshot topic.
type gathering struct {
	copies      *duplicates.Copies
	fingerprint uint32 // of the table's columns
	in          *filler
	batch       *rows.Batch
	seen        duplicates.Partitions
}

// take takes a record of the snapshot topic.
func (g *gathering) take(r topics.Record) error {
	it := item{partition: r.Partition, source: -1, key: tables.Key(r.Key)}
	if r.Value == nil {
		if _, err := wire.ParseDeletion(r.Deletion); err == nil {
			it.deletion = r.Deletion
		}
	} else if err := snapshotRow(g.fingerprint, &it, r); err != nil { // what is left of the topic does not make the batch
		return fmt.Errorf("record %d:%d: %w", r.Partition, r.Offset, errors.Join(batches.ErrDiffers, err))
	}
	if g.copies.Keys.Several {
		hash := duplicates.Hash(it.key)
		if wire.IsGivenUp(it.deletion) {
			return g.giveUp(&it, hash)
		}
		elsewhere, err := g.elsewhere(&it, hash)
		if err != nil {
			return err
		}
		if elsewhere {
			return g.several(&it, hash)
		}
	}
	return g.add(&it)
}

// elsewhere reports whether another partition has, or has had, something of a key.
func (g *gathering) elsewhere(it *item, hash uint64) (bool, error) {
	before, there := g.seen.Put(hash, it.partition)
	switch {
	case there && before != it.partition || g.copies.Keys.Has(hash):
		return true, nil
	case !there || !g.copies.Keys.Deletions.Has(hash):
		return false, nil
	}
	if err := g.flush(); err != nil {
		return false, err
	}
	c, deleted, err := g.copies.Rows().Deletion(it.key)
	return deleted && c.Partition != it.partition, err
}

// add takes what a record says for the row of its key.
func (g *gathering) add(it *item) error {
	switch {
	case it.row == nil:
		g.copies.Bury(g.batch, it.partition, it.key, 0, it.deletion)
	default:
		g.batch.Put(it.partition, it.key, it.row)
		if it.unsettled {
			g.copies.Keys.Follow(duplicates.Hash(it.key), false, false)
			g.batch.PutCopies(it.key, []rows.Copy{{Partition: it.partition, Offset: it.source}})
		}
	}
	return g.show(it.partition, it.key, it.values)
}

func (g *gathering) show(partition int32, key tables.Key, values []tables.Value) error {
	if err := g.in.add(store.Change{Partition: partition, Offset: -1, Key: key, Values: values}); err != nil {
		return errors.Join(batches.ErrDiffers, err)
	}
	return nil
}

// several takes a record of a key that another partition has something of, too.
func (g *gathering) several(it *item, hash uint64) error {
	if err := g.flush(); err != nil {
		return err
	}
	all, _, err := g.copies.Of(it.key)
	if err != nil {
		return err
	}
	if all = taken(all, it); len(all) == 0 {
		return nil
	}
	return g.choose(it, hash, all)
}

// choose shows the latest of what the partitions have of a key.
func (g *gathering) choose(it *item, hash uint64, all []rows.Copy) error {
	i, settled, err := duplicates.Latest(all)
	if err != nil {
		return err
	}
	g.copies.Keep(g.batch, it.key, all, all[i])
	g.copies.Keys.Follow(hash, duplicates.IsDuplicate(all), settled)
	if !duplicates.IsDuplicate(all) {
		g.seen.Put(hash, all[i].Partition) // what is left of the key is there, whoever reported it last
	}
	values, err := duplicates.Values(all[i])
	if err != nil {
		return err
	}
	return g.show(all[i].Partition, it.key, values)
}

// giveUp takes a row out that its partition has given up. What is later is in the batch, too:
// nobody sees the rows before all of it is read.
func (g *gathering) giveUp(it *item, hash uint64) error {
	if !g.seen.Has(hash) {
		return nil
	}
	if err := g.flush(); err != nil {
		return err
	}
	all, _, err := g.copies.Of(it.key)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(c rows.Copy) bool { return c.Partition == it.partition })
	if i < 0 {
		return nil
	}
	if all = slices.Delete(all, i, i+1); len(all) > 0 {
		return g.choose(it, hash, all)
	}
	g.copies.Forget(g.batch, it.partition, it.key, 0)
	return g.show(it.partition, it.key, nil)
}

func (g *gathering) flush() error {
	if g.batch.Len() == 0 {
		return nil
	}
	err := g.copies.Rows().Write(g.batch)
	g.batch.Reset()
	return err
}

// filler fills a store with rows in large groups.
type filler struct {
	store *store.Store
	group []store.Change
}

const fillLength = 8192

func (f *filler) add(c store.Change) error {
	f.group = append(f.group, c)
	if len(f.group) < fillLength {
		return nil
	}
	return f.flush(nil)
}

func (f *filler) flush(pos tables.Position) error {
	err := f.store.Apply(f.group, pos)
	clear(f.group)
	f.group = f.group[:0]
	return err
}

// snapshotRow reads the row of a record of the snapshot topic.
func snapshotRow(fingerprint uint32, it *item, r topics.Record) error {
	_, row, err := wire.ParseSnapshotRecord(r.Value)
	if err != nil {
		return err
	}
	state, err := wire.ParseStateRow(row)
	if err != nil {
		return err
	}
	if state.Fingerprint != fingerprint {
		return errors.New("the row has other columns")
	}
	whole, err := state.Row(nil)
	it.values, it.row, it.source, it.unsettled = whole.Values, row, state.Offset, state.Unsettled
	return err
}

// fill reads the snapshot topic up to a batch.
func fill(ctx context.Context, client *topics.Client, s *Replica, b batches.Batch) error {
	in, batch := filler{store: s.store}, rows.NewBatch()
	g := &gathering{copies: s.copies, fingerprint: s.shared.Fingerprint, in: &in, batch: batch}
	err := client.Scan(ctx, s.shared.Names.Snapshot, b.Snapshot, func(r topics.Record) error {
		if err := g.take(r); err != nil || batch.Len() < fillLength {
			return err
		}
		return g.flush()
	})
	if err != nil {
		return fmt.Errorf("load batch %d from the snapshot topic: %w", b.ID, err)
	}
	if err := in.flush(b.Cut); err != nil {
		return errors.Join(batches.ErrDiffers, err)
	}
	for p, at := range bothAt(b) {
		batch.Move(int32(p), at)
	}
	return s.Disk().Write(batch)
}
