package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store/merge"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// A compaction is a merge without a batch: it keeps the delta small where batches are
// rare, and while a table is loaded.

// awaitRoom holds the writer back while a compaction is so far behind that the delta
// would outgrow the base. The caller holds write.
func (s *Store) awaitRoom(n int) {
	for s.compacting.Load() && s.current.Load().Count+n > 2*s.compactLimit(s.current.Load()) {
		s.compactDone.Wait()
	}
}

// compactLimit is the number of delta entries that are too many.
func (s *Store) compactLimit(v *mvcc.Version) int { return max(s.compactAfter, v.Base.Rows/2) }

// maxClock is the highest clock of a generation before it is compacted.
const maxClock = 1 << 31

// compactIfLarge starts a compaction when the delta has become too large. The caller holds write.
func (s *Store) compactIfLarge(v *mvcc.Version) {
	if (v.Count <= s.compactLimit(v) && v.Clock < maxClock) || s.held(v) || !s.compacting.CompareAndSwap(false, true) {
		return
	}
	s.compactions.Go(func() {
		err := s.compactDelta(context.Background())
		s.write.Lock()
		s.compacting.Store(false)
		s.compactDone.Broadcast()
		s.write.Unlock()
		if err != nil {
			s.events.NotCompacted(events.NotCompacted{Err: err})
		}
	})
}

// maxKept bounds the entries that a compaction leaves.
const maxKept = 100_000

// compactDelta merges the older entries of the delta into the base. The newer ones stay, since a
// batch whose cut lies among them may be under way.
func (s *Store) compactDelta(ctx context.Context) error {
	s.merging.Lock()
	defer s.merging.Unlock()
	v := s.current.Load()
	if v.Count <= s.compactLimit(v) && v.Clock < maxClock {
		return nil // a batch came first
	}
	began := time.Now()
	cut := tables.Position(v.Base.Changelog).Clone()
	for entry := range v.Count - min(v.Count/2, maxKept) {
		ch, i := mvcc.At(v.Chunks, entry)
		cut = cut.Set(ch.Part[i], max(cut.At(ch.Part[i]), ch.Offset[i]+1))
	}
	if hold := s.hold.Load(); hold != nil {
		for p, o := range cut {
			cut[p] = min(o, max(hold.At(int32(p)), tables.Position(v.Base.Changelog).At(int32(p))))
		}
		s.heldAt.Store(int64(v.Count))
	}
	m := merge.New(v, cut)
	two := m.HoldTwoBases(s.twoBases)
	defer two.Failed()
	base, err := m.Build(ctx, m.Checksum(), s.mergeCores())
	if err != nil {
		return err
	}
	if err := s.swap(ctx, m, base, func(*mvcc.Version) {}); err != nil {
		return err
	}
	s.merged("compaction", m, time.Since(began))
	two.Swapped(s.compactions.Go)
	return nil
}

// Hold keeps compactions from merging what is not before a cut, so that the rows as of the cut
// are still known; nil lets them continue. The delta grows meanwhile.
func (s *Store) Hold(cut tables.Position) {
	s.heldAt.Store(0)
	if cut == nil {
		s.hold.Store(nil)
		return
	}
	cut = cut.Clone()
	s.hold.Store(&cut)
}

// held reports whether a compaction would find little to merge: nothing, or no more than the last
// one has left.
func (s *Store) held(v *mvcc.Version) bool {
	hold := s.hold.Load()
	return hold != nil && (tables.Position(v.Base.Changelog).Reaches(*hold) || int64(v.Count) < 2*s.heldAt.Load())
}

// Sum returns the number of rows as of a cut, and their checksum: what Seal would compare.
// All changes before the cut must have been applied.
func (s *Store) Sum(cut tables.Position) (rows int64, checksum uint64, err error) {
	s.merging.Lock()
	defer s.merging.Unlock()
	v := s.current.Load()
	if !cut.Reaches(v.Base.Changelog) {
		return 0, 0, fmt.Errorf("cut %s, base %s: %w", cut, tables.Position(v.Base.Changelog), ErrCutPassed)
	}
	m := merge.New(v, cut)
	return int64(m.Rows()), m.Checksum(), nil
}
