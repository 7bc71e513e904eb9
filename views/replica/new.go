package replica

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/metrics"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// New returns a replica without rows in memory.
func New(shared *Shared, env topics.Set, number uint64, db *rows.DB, o Origin) (*Replica, error) {
	deferred := new(metrics.Deferred)
	options := shared.StoreOptions(shared.Table)
	options.Registerer, options.CompactAfter, options.Mismatches = deferred, shared.CompactAfter, shared.Counters.Mismatches
	st, err := store.New(options)
	if err != nil {
		return nil, err
	}
	if o.stored == nil {
		o.stored = make([]rows.Position, env.Changelog.Partitions)
	}
	rollups, err := Derive(shared.Table, shared.StoreOptions)
	if err != nil {
		return nil, err
	}
	s := &Replica{derived: rollups, shared: shared, set: env, store: st, metrics: deferred, number: number, origin: o, wants: make(chan *Rebuild, 1), keys: duplicates.NewKeys(shared.Several(env))}
	s.copies = &duplicates.Copies{Rows: s.Disk, Keys: s.keys, Clock: shared.Clock}
	s.rows.Store(db)
	s.hold = newHold(env.Changelog.Partitions)
	s.place = progress.NewTracker(o.base, o.source, env.Changelog.Partitions)
	return s, s.copies.Recall(s.hold.ask)
}

// OfFile makes a replica of a batch that was read from its file, and of what the rows on disk have.
func OfFile(shared *Shared, env topics.Set, number uint64, db *rows.DB, b *store.Batch, stored []rows.Position) (*Replica, error) {
	s, err := New(shared, env, number, db, Origin{
		From: fromFile, batch: b.Batch, base: b.Changelog, source: b.Source, Skip: b.Batch, stored: stored,
		Taken: time.UnixMicro(b.Started),
	})
	if err != nil {
		return nil, err
	}
	return s, s.store.Load(b)
}

// OfSnapshots makes a replica of a batch as the snapshot topic has it. Compared says that readers
// see rows of the changelog, which these must equal.
func OfSnapshots(ctx context.Context, client *topics.Client, shared *Shared, env topics.Set, number uint64, db *rows.DB, b batches.Batch, compared bool) (*Replica, error) {
	s, err := New(shared, env, number, db, Origin{
		From: fromSnapshot, batch: b.ID, base: b.Changelog, source: b.Cut, Skip: b.ID, stored: bothAt(b), Taken: b.Started, compared: compared,
	})
	if err == nil {
		err = fill(ctx, client, s, b)
	}
	if err == nil {
		err = (&sealing{s}).prove(ctx, b)
	}
	if err == nil && compared {
		s.store.Hold(b.Changelog)
	}
	return s, err
}

// OfChangelog makes a replica that begins without rows and reads the changelog from its
// beginning. Of a batch that is to be tried again the rows at its cut are known.
func OfChangelog(shared *Shared, env topics.Set, number uint64, db *rows.DB, o Origin) (*Replica, error) {
	o.From = fromChangelog
	s, err := New(shared, env, number, db, o)
	if err != nil {
		return nil, err
	}
	if b, ok := shared.Manifests.Get(o.Again); ok {
		s.store.Hold(b.Changelog)
	}
	return s, nil
}

// OfDisk makes a replica of the rows on disk alone.
func OfDisk(ctx context.Context, shared *Shared, env topics.Set, number uint64, db *rows.DB, stored []rows.Position, skip uint64) (*Replica, error) {
	o := Origin{From: fromRows, stored: stored, Skip: skip}
	o.base, o.source = OfRows(stored)
	s, err := New(shared, env, number, db, o)
	if err != nil {
		return nil, err
	}
	in := filler{store: s.store}
	err = db.Scan(ctx, func(p int32, key tables.Key, row []byte) error {
		state, err := wire.ParseStateRow(row)
		if err != nil {
			return fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
		}
		whole, err := state.Row(nil)
		if err != nil {
			return fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
		}
		if err := in.add(store.Change{Partition: p, Offset: -1, Key: key, Values: whole.Values}); err != nil {
			return fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := in.flush(o.source); err != nil {
		return nil, fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
	}
	return s, nil
}

// OfRows returns the positions that rows on disk have come to.
func OfRows(stored []rows.Position) (changelog, source tables.Position) {
	for p, at := range stored {
		changelog, source = changelog.Set(int32(p), at.Changelog), source.Set(int32(p), at.Source)
	}
	return changelog, source
}

func bothAt(b batches.Batch) []rows.Position {
	out := make([]rows.Position, len(b.Changelog))
	for p := range out {
		out[p] = rows.Position{Changelog: b.Changelog[p], Source: b.Cut.At(int32(p))}
	}
	return out
}
