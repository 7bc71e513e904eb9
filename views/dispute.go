package views

import (
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

// dispute takes note of a batch that the changelog differs from.
func (v *View) dispute(b Batch, err error) {
	v.metrics.Batches.WithLabelValues(reasonMismatch).Inc()
	v.log.Error("batch differs from the changelog and is left out", "batch", b.ID, "error", err)
	v.disputed.Add(b.ID, err)
	if v.o.Disputed != nil {
		v.o.Disputed(b.ID)
	}
}

var errRowsDiffer = errors.New("rows of the snapshot topic differ from those of the changelog")

// compare looks whether a session from the snapshot topic has come to the rows that
// readers see, at the place where the old one has ended.
func (v *View) compare(s, old *session) error {
	if !s.origin.compared || old.env != s.env {
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
		v.metrics.Mismatches.Inc()
	}
	b, _ := v.batches.Get(s.origin.batch)
	v.dispute(b, err)
	old.origin.skip = max(old.origin.skip, s.origin.batch)
	return err
}
