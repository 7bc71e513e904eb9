package views

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/store"
)

// marksKept is for how long the marks of deletions are kept on disk: a stale
// record can come late, by the time that a processor was paused.
const marksKept = time.Hour

// seals merges each complete batch into the base when the changelog has come to
// its cut, compares it with the manifests, and has its file written.
func (s *session) seals(ctx context.Context) error {
	m := s.v.batches
	last := s.origin.skip
	if newest, _ := m.Newest(); newest.ID > last+1 {
		last = newest.ID - 1 // of several that came while the view was away, the newest counts
	}
	for {
		changed := m.Watch()
		b, ok := m.After(last)
		if !ok {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-changed:
				continue
			}
		}
		if err := s.awaitCut(ctx, b); err != nil {
			return err
		}
		if err := s.prove(ctx, b); err != nil && !s.leavesOut(b, err) {
			return s.refused(ctx, b, err)
		}
		last, s.origin.skip = b.ID, b.ID // a run that follows goes on from here
		s.prune(b)
	}
}

// awaitCut waits until all that belongs to a batch is applied.
func (s *session) awaitCut(ctx context.Context, b Batch) error {
	for {
		at, moved := s.place.Look()
		if at.Changelog.Reaches(b.Changelog) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-moved:
		}
	}
}

// prove makes a batch the base of the store, if it is what the manifests say, and
// hands it on to be written.
func (s *session) prove(ctx context.Context, b Batch) error {
	began := time.Now()
	cut := store.Cut{
		Batch: b.ID, Changelog: b.Changelog, Source: b.Cut, Rows: b.Rows, Checksum: b.Checksum, Changed: b.Changed,
		Started: b.Started.UnixMicro(), Finished: b.Started.Add(b.Took).UnixMicro(),
	}
	sealed, err := s.store.Seal(ctx, cut)
	if errors.Is(err, store.ErrChecksum) && s.homes.DoubledAt(b.Changelog) {
		// The manifests count each partition's row of a key, the view serves one.
		s.v.metrics.Batches.WithLabelValues("unproven").Inc()
		s.v.log.Warn("batch cannot be proven while keys live in two partitions", "batch", b.ID, "keys", s.homes.Doubled(), "error", err)
		cut.Unproven = true
		sealed, err = s.store.Seal(ctx, cut)
	}
	if errors.Is(err, store.ErrChecksum) || errors.Is(err, store.ErrCutPassed) {
		return fmt.Errorf("%w: %w", batches.ErrDiffers, err)
	}
	if err != nil {
		return fmt.Errorf("seal batch %d: %w", b.ID, err)
	}
	s.v.metrics.Batches.WithLabelValues("sealed").Inc()
	s.v.disputed.Settle(b.ID)
	if b.ID == s.origin.again {
		s.store.Hold(nil)
	}
	s.v.log.Info("batch is sealed", "batch", b.ID, "rows", b.Rows, "changed", b.Changed, "took", time.Since(began))
	s.v.file(s, batches.Filing{Batch: b, Rows: sealed})
	return nil
}

// file has a batch written once readers see the session that sealed it: it counts
// as held from then on.
func (v *View) file(s *session, f batches.Filing) {
	v.mu.Lock()
	seen := v.current.Load() == s
	if !seen {
		s.unfiled = append(s.unfiled, f)
	}
	v.mu.Unlock()
	if seen {
		v.files.Add(f)
	}
}

// leavesOut reports whether a batch that differs is not to be believed: the session's rows
// are all that the changelog says. It is passed over then, and told of.
func (s *session) leavesOut(b Batch, err error) bool {
	if !errors.Is(err, batches.ErrDiffers) || s.origin.from != fromChangelog {
		return false
	}
	again := b.ID == s.origin.again
	g := s.goal.Load()
	live := errors.Is(err, store.ErrChecksum) && g != nil && tables.Position(b.Changelog).Reaches(g.changelog)
	switch {
	case live || again && s.origin.doubted:
		s.v.dispute(b, err)
	case again: // reading all of it once more would give the same rows
		s.v.metrics.Batches.WithLabelValues(reasonMismatch).Inc()
		s.v.log.Error("batch differs from the whole changelog and is left out", "batch", b.ID, "error", err)
	default: // of what was there before the reading began, compaction may have taken some away
		return false
	}
	s.store.Hold(nil)
	return true
}

// refused asks for another session where a batch does not come out even, and waits
// to be replaced: meanwhile the rows are kept as they are, and current. Rows of a batch may
// have been wrong from the beginning, so the changelog is read anew; rows of the changelog
// are only replaced by such as are equal.
func (s *session) refused(ctx context.Context, b Batch, err error) error {
	if ctx.Err() != nil || !errors.Is(err, batches.ErrDiffers) {
		return err
	}
	why := &rebuild{reason: reasonMismatch, batch: b.ID, err: err}
	if errors.Is(err, store.ErrCutPassed) || s.origin.from == fromChangelog {
		why.reason, why.compared = reasonPassed, true
	}
	s.v.metrics.Batches.WithLabelValues(why.reason).Inc()
	s.want(why)
	<-ctx.Done()
	return context.Cause(ctx)
}

// prune lets go of marks that no late record can need.
func (s *session) prune(newest Batch) {
	for _, b := range s.v.batches.Complete() {
		if newest.Started.Sub(b.Started) < marksKept {
			continue
		}
		if _, err := s.disk().Prune(tables.Position(b.Cut)); err != nil {
			s.v.log.Warn("marks of deletions could not be removed", "error", err)
		}
		return
	}
}
