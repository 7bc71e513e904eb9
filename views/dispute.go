package views

import (
	"errors"
	"fmt"
	"sync"

	"github.com/tidemark/tidemark/tables"
)

// A batch whose manifests differ from the changelog is wrong, whatever the snapshot topic
// says: both come from a processor's local state, and the changelog is what that was made
// of. The view keeps the rows that it has read, leaves the batch out, and says so; the
// processors of this process are told, and count anew.

// disputed is what is known of batches that the changelog differs from.
type disputed struct {
	mu     sync.Mutex
	newest uint64 // 0 while the newest batch that was looked at is right
	all    map[uint64]bool
	err    error
}

func (d *disputed) add(id uint64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil {
		d.all = map[uint64]bool{}
	}
	d.all[id] = true
	d.newest, d.err = id, err
}

// settle says that a batch is right, and with it the processors that made it.
func (d *disputed) settle(id uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if id > d.newest {
		d.newest, d.err = 0, nil
	}
}

// reset forgets the batches of topics that are no more.
func (d *disputed) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.newest, d.err = 0, nil
	clear(d.all)
}

func (d *disputed) has(id uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[id]
}

// last returns the batch that is in dispute, 0 when there is none.
func (d *disputed) last() (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.newest, d.err
}

func disputeNote(id uint64, err error) string {
	return fmt.Sprintf("batch %d differs from the changelog and is left out, the rows are the changelog's: "+
		"the state of a processor was wrong when it was taken: %v", id, err)
}

// dispute takes note of a batch that the changelog differs from.
func (v *View) dispute(b Batch, err error) {
	v.metrics.batches.WithLabelValues(reasonMismatch).Inc()
	v.log.Error("batch differs from the changelog and is left out", "batch", b.ID, "error", err)
	v.disputed.add(b.ID, err)
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
		v.metrics.mismatches.Inc()
	}
	b, _ := v.batches.Get(s.origin.batch)
	v.dispute(b, err)
	old.origin.skip = max(old.origin.skip, s.origin.batch)
	return err
}
