package state

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/syndtr/goleveldb/leveldb"
)

// SetBarrier keeps the newest batch that is to be made, and what was asked for. It
// takes the place of an older one. The barrier's control record is done by it.
func (s *Store) SetBarrier(batch uint64, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batch.Put([]byte(metaBarrier), append(binary.BigEndian.AppendUint64(nil, batch), value...))
	return s.flush()
}

// Barrier returns the batch that is still to be made; the value is nil when there is none.
func (s *Store) Barrier() (batch uint64, value []byte, err error) {
	b, err := s.db.Get([]byte(metaBarrier), nil)
	switch {
	case errors.Is(err, leveldb.ErrNotFound):
		return 0, nil, nil
	case err != nil:
		return 0, nil, fmt.Errorf("read %s: %w", metaBarrier, err)
	case len(b) < 8:
		return 0, nil, fmt.Errorf("barrier: %w", ErrCorrupt)
	}
	return binary.BigEndian.Uint64(b), b[8:], nil
}

// DropBarrier forgets the batch that is to be made, unless it is a later one than the
// one that was made.
func (s *Store) DropBarrier(made uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.flush(); err != nil {
		return err
	}
	batch, value, err := s.Barrier()
	if err != nil || value == nil || batch > made {
		return err
	}
	s.batch.Delete([]byte(metaBarrier))
	return s.flush()
}
