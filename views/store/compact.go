package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
)

// A compaction is a merge without a batch: it keeps the delta small where batches are
// rare, and while a table is loaded.

// awaitRoom holds the writer back while a compaction is so far behind that the delta
// would outgrow the base. The caller holds write.
func (s *Store) awaitRoom(n int) {
	for s.compacting.Load() && s.current.Load().count+n > 2*s.compactLimit(s.current.Load()) {
		s.compactDone.Wait()
	}
}

// compactLimit is the number of delta entries that are too many.
func (s *Store) compactLimit(v *version) int { return max(s.compactAfter, v.base.rows/2) }

// maxClock is the highest clock of a generation before it is compacted.
const maxClock = 1 << 31

// compactIfLarge starts a compaction when the delta has become too large. The caller holds write.
func (s *Store) compactIfLarge(v *version) {
	if (v.count <= s.compactLimit(v) && v.clock < maxClock) || s.held(v) || !s.compacting.CompareAndSwap(false, true) {
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
	if v.count <= s.compactLimit(v) && v.clock < maxClock {
		return nil // a batch came first
	}
	began := time.Now()
	cut := tables.Position(v.base.changelog).Clone()
	for entry := range v.count - min(v.count/2, maxKept) {
		ch, i := at(v.chunks, entry)
		cut = cut.Set(ch.part[i], max(cut.At(ch.part[i]), ch.offset[i]+1))
	}
	if hold := s.hold.Load(); hold != nil {
		for p, o := range cut {
			cut[p] = min(o, max(hold.At(int32(p)), tables.Position(v.base.changelog).At(int32(p))))
		}
		s.heldAt.Store(int64(v.count))
	}
	m := newMerge(v, cut)
	two := m.paceCollector()
	defer two.failed()
	base, err := m.build(ctx, m.checksum(), s.mergeCores())
	if err != nil {
		return err
	}
	if err := s.swap(ctx, m, base, func(*version) {}); err != nil {
		return err
	}
	s.merged("compaction", m, time.Since(began))
	two.swapped(s)
	return nil
}

// Hold keeps compactions from merging what is not before a cut, so that the rows as of the cut
// can still be told; nil lets them go on. The delta grows meanwhile.
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
func (s *Store) held(v *version) bool {
	hold := s.hold.Load()
	return hold != nil && (tables.Position(v.base.changelog).Reaches(*hold) || int64(v.count) < 2*s.heldAt.Load())
}

// Sum returns the number of rows as of a cut, and their checksum: what Seal would compare.
// All changes before the cut must have been applied.
func (s *Store) Sum(cut tables.Position) (rows int64, checksum uint64, err error) {
	s.merging.Lock()
	defer s.merging.Unlock()
	v := s.current.Load()
	if !cut.Reaches(v.base.changelog) {
		return 0, 0, fmt.Errorf("cut %s, base %s: %w", cut, tables.Position(v.base.changelog), ErrCutPassed)
	}
	m := newMerge(v, cut)
	return int64(m.rows()), m.checksum(), nil
}
