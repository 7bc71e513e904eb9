package state

import (
	"errors"
	"fmt"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// Get returns the state row of a key, or nil. The caller must not change it.
func (s *Store) Get(key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.get(spaceRow, key)
}

// Tomb returns the deletion of a key that is not forgotten yet.
func (s *Store) Tomb(key string) (Tomb, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tomb(key)
}

func (s *Store) tomb(key string) (Tomb, bool, error) {
	b, err := s.get(spaceTomb, key)
	if err != nil || b == nil {
		return Tomb{}, false, err
	}
	t, err := parseTomb(b)
	return t, err == nil, s.note(err)
}

// get looks at what is held back first. The first read after a flush lists that;
// the steady state never reads, so it never pays for the list.
func (s *Store) get(space byte, key string) ([]byte, error) {
	s.scratch = append(append(s.scratch[:0], space), key...)
	if s.held == nil && s.batch.Len() > 0 {
		s.held = map[string]held{}
		if err := s.batch.Replay(heldWrites(s.held)); err != nil {
			return nil, fmt.Errorf("list held writes: %w", err)
		}
	}
	if h, ok := s.held[string(s.scratch)]; ok {
		return h.value, nil
	}
	b, err := s.db.Get(s.scratch, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, s.note(fmt.Errorf("read the state: %w", err))
	}
	return b, nil
}

// Each calls fn for every row until it returns an error. What is held back is written first.
func (s *Store) Each(fn func(key string, row []byte) error) error { return s.each(spaceRow, fn) }

func (s *Store) each(space byte, fn func(key string, value []byte) error) error {
	if err := s.Flush(); err != nil {
		return err
	}
	s.cuts.Add(1) // LevelDB must not be closed under an iterator
	defer s.cuts.Done()
	it := s.db.NewIterator(spaceRange(space), nil)
	defer it.Release()
	for it.Next() {
		if err := fn(string(it.Key()[1:]), it.Value()); err != nil {
			return err
		}
	}
	return s.note(it.Error())
}

func spaceRange(space byte) *util.Range { return util.BytesPrefix([]byte{space}) }
