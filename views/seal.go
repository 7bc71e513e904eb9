package views

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/tables"
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
	if newest, _ := m.newest(); newest.ID > last+1 {
		last = newest.ID - 1 // of several that came while the view was away, the newest counts
	}
	for {
		changed := m.watch()
		b, ok := m.after(last)
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
		switch err := s.prove(ctx, b); {
		case errors.Is(err, errBatchDiffers) && b.ID == s.origin.again:
			// Reading all of it once more would give the same rows.
			s.v.metrics.batches.WithLabelValues("mismatch").Inc()
			s.v.log.Error("batch differs from the whole changelog and is left out", "batch", b.ID, "error", err)
		case err != nil:
			return s.refused(ctx, b, err)
		}
		last, s.origin.skip = b.ID, b.ID // a run that follows goes on from here
		s.prune(b)
	}
}

// awaitCut waits until all that belongs to a batch is applied.
func (s *session) awaitCut(ctx context.Context, b Batch) error {
	for {
		at, moved := s.place.look()
		if at.changelog.Reaches(b.Changelog) {
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
	if n := s.doubled.count(); n > 0 && errors.Is(err, store.ErrChecksum) {
		// The manifests count each partition's row of a key, the view serves one.
		s.v.metrics.batches.WithLabelValues("unproven").Inc()
		s.v.log.Warn("batch cannot be proven while keys live in two partitions", "batch", b.ID, "keys", n, "error", err)
		cut.Unproven = true
		sealed, err = s.store.Seal(ctx, cut)
	}
	if errors.Is(err, store.ErrChecksum) || errors.Is(err, store.ErrCutPassed) {
		return fmt.Errorf("%w: %w", errBatchDiffers, err)
	}
	if err != nil {
		return fmt.Errorf("seal batch %d: %w", b.ID, err)
	}
	s.v.metrics.batches.WithLabelValues("sealed").Inc()
	s.v.log.Info("batch is sealed", "batch", b.ID, "rows", b.Rows, "changed", b.Changed, "took", time.Since(began))
	s.v.file(s, filing{b, sealed})
	return nil
}

// file has a batch written once readers see the session that sealed it: it counts
// as held from then on.
func (v *View) file(s *session, f filing) {
	v.mu.Lock()
	seen := v.current.Load() == s
	if !seen {
		s.unfiled = append(s.unfiled, f)
	}
	v.mu.Unlock()
	if seen {
		v.files.add(f)
	}
}

// refused asks for another session where a batch does not come out even, and waits
// to be replaced: meanwhile the rows are kept as they are, and current.
func (s *session) refused(ctx context.Context, b Batch, err error) error {
	if ctx.Err() != nil || !errors.Is(err, errBatchDiffers) {
		return err
	}
	result := "mismatch"
	if errors.Is(err, store.ErrCutPassed) {
		result = "passed"
	}
	s.v.metrics.batches.WithLabelValues(result).Inc()
	s.want(&rebuild{reason: result, batch: b.ID, err: err})
	<-ctx.Done()
	return context.Cause(ctx)
}

// prune lets go of marks that no late record can need.
func (s *session) prune(newest Batch) {
	for _, b := range s.v.batches.complete() {
		if newest.Started.Sub(b.Started) < marksKept {
			continue
		}
		if _, err := s.disk().Prune(tables.Position(b.Cut)); err != nil {
			s.v.log.Warn("marks of deletions could not be removed", "error", err)
		}
		return
	}
}
