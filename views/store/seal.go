package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store/merge"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/persist"
)

// ErrChecksum is returned for a batch whose rows differ from its manifests.
var ErrChecksum = errors.New("rows differ from the batch's manifests")

// ErrCutPassed is returned for a batch whose cut lies before what the base already
// holds. Such a batch comes from the snapshot topic.
var ErrCutPassed = errors.New("the base is past the batch's cut")

// Cut says where a batch ends and what its manifests say of it.
type Cut = persist.Cut

// Batch is a complete batch, in memory.
type Batch struct {
	Cut
	base  *mvcc.Base
	cores int
}

// Snapshot returns the batch's rows for reading.
func (b *Batch) Snapshot() *Snapshot {
	g := &mvcc.Generation{Layout: b.base.Layout, Base: b.base, Tombstones: mvcc.NewTombstones(b.base.Rows), Delta: mvcc.NewDelta(b.base.Layout)}
	v := &mvcc.Version{Generation: g, Rows: b.base.Rows, Batch: b.Batch, Number: b.Batch, Position: b.Source}
	return &Snapshot{v: v, cores: b.cores, nonce: b.Checksum}
}

// Seal makes everything before a cut the base and returns it. All changes before
// the cut must have been applied; readers and Apply continue meanwhile, but for a swap
// of a few milliseconds at the end. On an error nothing has changed.
func (s *Store) Seal(ctx context.Context, cut Cut) (*Batch, error) {
	s.merging.Lock()
	defer s.merging.Unlock()
	v := s.current.Load()
	for p, merged := range v.Base.Changelog {
		if tables.Position(cut.Changelog).At(int32(p)) < merged {
			return nil, fmt.Errorf("batch %d, partition %d: cut %d, base %d: %w",
				cut.Batch, p, tables.Position(cut.Changelog).At(int32(p)), merged, ErrCutPassed)
		}
	}
	began := time.Now()
	m := merge.New(v, cut.Changelog)
	switch rows, sum := int64(m.Rows()), m.Checksum(); {
	case cut.Unproven:
		cut.Rows, cut.Checksum = rows, sum
	case rows != cut.Rows || sum != cut.Checksum:
		s.metrics.mismatches.Inc()
		return nil, fmt.Errorf("batch %d: %d rows with checksum %016x, the manifests say %d with %016x: %w",
			cut.Batch, rows, sum, cut.Rows, cut.Checksum, ErrChecksum)
	}
	two := m.HoldTwoBases(s.twoBases)
	defer two.Failed()
	base, err := m.Build(ctx, cut.Checksum, s.mergeCores())
	if err != nil {
		return nil, fmt.Errorf("batch %d: %w", cut.Batch, err)
	}
	b := &Batch{Cut: cut, base: base, cores: s.cores}
	err = s.swap(ctx, m, base, func(v *mvcc.Version) {
		v.Batch = cut.Batch
		for p, o := range cut.Changelog {
			s.applied = tables.Position(s.applied).Set(int32(p), max(o, tables.Position(s.applied).At(int32(p))))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("batch %d: %w", cut.Batch, err)
	}
	s.merged("seal", m, time.Since(began))
	two.Swapped(s.compactions.Go)
	return b, nil
}

// mergeCores leaves cores to readers.
func (s *Store) mergeCores() int { return max(1, s.cores/2) }

func (s *Store) merged(kind string, m *merge.Merge, took time.Duration) {
	added, removed := m.Changed()
	s.events.Merged(events.Merged{Kind: kind, Rows: m.Rows(), Added: added, Removed: removed, Took: took})
}

// slice is how many entries a swap replays at a time while it makes the writer
// wait; the writer continues in between.
const slice = 4 << 10

// swap makes base, the outcome of m, the base of a new generation. It replays the
// entries that m left until the writer is only a few ahead, and then, while the
// writer waits, the last of them.
func (s *Store) swap(ctx context.Context, m *merge.Merge, base *mvcc.Base, adjust func(*mvcc.Version)) error {
	next := mvcc.Version{Generation: mvcc.NewGeneration(base), Rows: base.Rows}
	w := mvcc.NewWriter(&next, 1)
	done := 0
	for round := 0; ; round++ {
		v := s.current.Load()
		if v.Count-done <= v.Layout.Tuning.Tail {
			break
		}
		if round >= v.Layout.Tuning.Rounds { // a writer as fast as the replay would never be caught up with
			n, err := s.replaySlice(ctx, &w, done, m)
			if err != nil {
				return err
			}
			done = n
			continue
		}
		if err := m.Replay(ctx, &w, v, done, v.Count); err != nil {
			return err
		}
		done = v.Count
	}
	s.write.Lock()
	defer s.write.Unlock()
	began := time.Now()
	v := s.current.Load()
	if err := m.Replay(context.WithoutCancel(ctx), &w, v, done, v.Count); err != nil {
		return err
	}
	next.Clock, next.Number, next.Batch, next.Position = 1, v.Number, v.Batch, v.Position
	if next.Rows != v.Rows {
		return fmt.Errorf("%d rows became %d in a merge", v.Rows, next.Rows)
	}
	adjust(&next)
	s.publish(&next)
	s.metrics.swap.Observe(time.Since(began).Seconds())
	return nil
}

// replaySlice replays some entries while the writer waits, and returns how far it came.
func (s *Store) replaySlice(ctx context.Context, w *mvcc.Writer, done int, m *merge.Merge) (int, error) {
	s.write.Lock()
	defer s.write.Unlock()
	v := s.current.Load()
	to := min(done+slice, v.Count)
	return to, m.Replay(ctx, w, v, done, to)
}
