package replica

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store"
)

// marksKept is for how long the marks of deletions are kept on disk: a stale
// record can come late, by the time that a processor was paused.
const marksKept = time.Hour

// sealing proves batches by the rows of a replica.
type sealing struct{ s *Replica }

// run merges each complete batch into the base when the changelog has come to
// its cut, compares it with the manifests, and has its file written.
func (p *sealing) run(ctx context.Context) error {
	m := p.s.shared.Manifests
	last := p.s.origin.Skip
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
		if err := p.awaitCut(ctx, b); err != nil {
			return err
		}
		if err := p.prove(ctx, b); err != nil && !p.leavesOut(b, err) {
			return p.refused(ctx, b, err)
		}
		last, p.s.origin.Skip = b.ID, b.ID // a run that follows continues from here
		p.prune(b)
	}
}

// awaitCut waits until all that belongs to a batch is applied.
func (p *sealing) awaitCut(ctx context.Context, b batches.Batch) error {
	for {
		at, moved := p.s.place.Look()
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
func (p *sealing) prove(ctx context.Context, b batches.Batch) error {
	began := time.Now()
	cut := store.Cut{
		Batch: b.ID, Changelog: b.Changelog, Source: b.Cut, Rows: b.Rows, Checksum: b.Checksum, Changed: b.Changed,
		Started: b.Started.UnixMicro(), Finished: b.Started.Add(b.Took).UnixMicro(),
	}
	sealed, err := p.s.store.Seal(ctx, cut)
	if errors.Is(err, store.ErrChecksum) && p.s.keys.DuplicatesAt(b.Changelog) {
		// The manifests count each partition's row of a key, the view serves one.
		p.s.shared.Events.BatchUnproven(events.BatchUnproven{Batch: b.ID, Keys: p.s.keys.Duplicates(), Err: err})
		cut.Unproven = true
		sealed, err = p.s.store.Seal(ctx, cut)
	}
	if errors.Is(err, store.ErrChecksum) || errors.Is(err, store.ErrCutPassed) {
		return fmt.Errorf("%w: %w", batches.ErrDiffers, err)
	}
	if err != nil {
		return fmt.Errorf("seal batch %d: %w", b.ID, err)
	}
	p.s.shared.Disputes.Settle(b.ID)
	if b.ID == p.s.origin.Again {
		p.s.store.Hold(nil)
	}
	p.s.shared.Events.BatchSealed(events.BatchSealed{Batch: b.ID, Rows: b.Rows, Changed: b.Changed, Took: time.Since(began)})
	p.s.shared.View.File(p.s, batches.Filing{Batch: b, Rows: sealed})
	return nil
}

// leavesOut reports whether a batch that differs is not to be believed: the replica's rows
// are all that the changelog says. It is skipped then, and reported.
func (p *sealing) leavesOut(b batches.Batch, err error) bool {
	if !errors.Is(err, batches.ErrDiffers) || p.s.origin.From != fromChangelog {
		return false
	}
	again := b.ID == p.s.origin.Again
	g := p.s.goal.Load()
	live := errors.Is(err, store.ErrChecksum) && g != nil && tables.Position(b.Changelog).Reaches(g.changelog)
	switch {
	case live || again && p.s.origin.Doubted:
		p.s.shared.dispute(b, err)
	case again: // reading all of it once more would give the same rows
		p.s.shared.Events.BatchPassedOver(events.BatchPassedOver{Batch: b.ID, Err: err})
	default: // of what was there before the reading began, compaction may have taken some away
		return false
	}
	p.s.store.Hold(nil)
	return true
}

// refused asks for another replica where a batch does not come out even, and waits
// to be replaced: meanwhile the rows are kept as they are, and current. Rows of a batch may
// have been wrong from the beginning, so the changelog is read anew; rows of the changelog
// are only replaced by such as are equal.
func (p *sealing) refused(ctx context.Context, b batches.Batch, err error) error {
	if ctx.Err() != nil || !errors.Is(err, batches.ErrDiffers) {
		return err
	}
	why := &Rebuild{Reason: ReasonMismatch, Batch: b.ID, Err: err}
	if errors.Is(err, store.ErrCutPassed) || p.s.origin.From == fromChangelog {
		why.Reason, why.Compared = reasonPassed, true
	}
	p.s.shared.Counters.Batches.WithLabelValues(why.Reason).Inc()
	p.s.want(why)
	<-ctx.Done()
	return context.Cause(ctx)
}

// prune lets go of marks that no late record can need.
func (p *sealing) prune(newest batches.Batch) {
	for _, b := range p.s.shared.Manifests.Complete() {
		if newest.Started.Sub(b.Started) < marksKept {
			continue
		}
		if _, err := p.s.Disk().Prune(tables.Position(b.Cut)); err != nil {
			p.s.shared.Events.TombstonesNotPruned(events.TombstonesNotPruned{Err: err})
		}
		return
	}
}

var errRowsDiffer = errors.New("rows of the snapshot topic differ from those of the changelog")

// TakeOver ends the life of a replica beside the one that readers see: it must have come to
// where that has ended.
func (s *Replica) TakeOver(old *Replica) error {
	if err := s.compare(old); err != nil {
		return err
	}
	s.store.Hold(nil)
	return nil
}

// compare looks whether a replica from the snapshot topic has come to the rows that
// readers see, at the place where the old one has ended.
func (s *Replica) compare(old *Replica) error {
	if !s.origin.compared || old.set != s.set {
		return nil
	}
	at := old.place.At().Changelog
	rows, sum, err := old.store.Sum(at)
	if err != nil {
		return fmt.Errorf("compare rows: %w", err)
	}
	gotRows, gotSum, err := s.store.Sum(at)
	if err == nil && gotRows == rows && gotSum == sum {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%d rows with checksum %016x at %s, the changelog has %d with %016x: %w", gotRows, gotSum, tables.Position(at), rows, sum, errRowsDiffer)
		s.shared.Counters.Mismatches.Inc()
	}
	b, _ := s.shared.Manifests.Get(s.origin.batch)
	s.shared.dispute(b, err)
	old.origin.Skip = max(old.origin.Skip, s.origin.batch)
	return err
}
