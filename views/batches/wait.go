package batches

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoBatch is returned for a batch that does not exist, is no longer kept, or is
// not held by this view.
var ErrNoBatch = errors.New("there is no such batch")

// WaitSealed returns a batch once all of its manifests are there and the view holds it, the
// context's error when that ends first, and ErrNoBatch when it can no longer happen.
func (m *Manifests) WaitSealed(ctx context.Context, id uint64) (Batch, error) {
	return m.wait(ctx, id, func(b Batch) bool { return b.Sealed })
}

// WaitWritten is WaitSealed for the file of a batch that is held.
func (m *Manifests) WaitWritten(ctx context.Context, id uint64) error {
	if b, ok := m.Get(id); !ok || !b.Sealed {
		return fmt.Errorf("batch %d: %w", id, ErrNoBatch)
	}
	_, err := m.wait(ctx, id, func(b Batch) bool { return b.Bytes > 0 })
	return err
}

func (m *Manifests) wait(ctx context.Context, id uint64, done func(Batch) bool) (Batch, error) {
	for {
		changed := m.Watch()
		b, ok := m.Get(id)
		switch {
		case ok && done(b):
			return b, nil
		case m.Failure(id) != nil:
			return Batch{}, m.Failure(id)
		case m.Passed(id):
			return Batch{}, fmt.Errorf("batch %d: %w", id, ErrNoBatch)
		}
		select {
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		case <-changed:
		}
	}
}
