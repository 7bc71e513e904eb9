package state

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/syndtr/goleveldb/leveldb/iterator"
)

// While a generation is filled, the rows of the older one are kept beside its own, to
// fill what an event leaves out, and to be taken over in the end. Each deletion of a row
// removes the older one of its key, in the same write.

// Previous is the key space of the rows of the generation before.
type Previous struct {
	disk *disk
	some bool // there may be any; the disk's lock guards it
}

func (s *Previous) load() error {
	seed, err := s.disk.record(metaSeed)
	s.some = seed != nil
	return err
}

// deleted removes the row of a key that the source deletes: it is not taken over. The lock is held.
func (s *Previous) deleted(key string) {
	if s.some {
		s.disk.delete(spacePrevious, key)
	}
}

// Put keeps the row that an older generation has of a key.
func (s *Previous) Put(key string, row []byte) error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	s.some = true
	s.disk.put(spacePrevious, key, row)
	return s.disk.grown()
}

// Drop forgets the row that an older generation has of a key.
func (s *Previous) Drop(key string) error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	s.disk.delete(spacePrevious, key)
	return s.disk.grown()
}

// Get returns the row that an older generation has of a key, or nil. The caller must
// not change it.
func (s *Previous) Get(key string) ([]byte, error) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if !s.some {
		return nil, nil
	}
	return s.disk.get(spacePrevious, key)
}

// SetSeed notes how far the filling of the generation is, behind everything that was
// written before.
func (s *Previous) SetSeed(value []byte) error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	s.some = true
	s.disk.batch.Put([]byte(metaSeed), value)
	return s.disk.flush()
}

// Seed returns what SetSeed has noted, or nil.
func (s *Previous) Seed() ([]byte, error) {
	return s.disk.record(metaSeed)
}

// Clear forgets all older rows, and what SetSeed has noted.
func (s *Previous) Clear() error {
	if err := s.disk.sync(); err != nil {
		return err
	}
	if err := s.disk.db.Delete([]byte(metaSeed), nil); err != nil { // first: without it the rest counts for nothing
		return s.disk.note(fmt.Errorf("clear older rows: %w", err))
	}
	s.disk.mu.Lock()
	s.some = false
	s.disk.mu.Unlock()
	if err := s.disk.wipe(spaceRange(spacePrevious)); err != nil {
		return fmt.Errorf("clear older rows: %w", err)
	}
	return nil
}

// Each calls fn with every older row, in the order of keys, and with the row that
// the table has of the same key, or nil. What fn writes is not seen.
func (s *Previous) Each(fn func(key string, older, row []byte) error) error {
	if err := s.disk.sync(); err != nil {
		return err
	}
	s.disk.users.Add(1)
	defer s.disk.users.Done()
	snap, err := s.disk.db.GetSnapshot()
	if err != nil {
		return fmt.Errorf("take a snapshot of the state: %w", err)
	}
	defer snap.Release()
	older, rows := snap.NewIterator(spaceRange(spacePrevious), noCache()), snap.NewIterator(spaceRange(spaceRow), noCache())
	defer older.Release()
	defer rows.Release()
	more := rows.Next()
	for older.Next() {
		key := older.Key()[1:]
		for more && bytes.Compare(rows.Key()[1:], key) < 0 {
			more = rows.Next()
		}
		if err := fn(string(key), older.Value(), at(rows, more, key)); err != nil {
			return err
		}
	}
	return s.disk.note(errors.Join(older.Error(), rows.Error()))
}

// at returns the value of the iterator if it is at the key.
func at(it iterator.Iterator, valid bool, key []byte) []byte {
	if valid && bytes.Equal(it.Key()[1:], key) {
		return it.Value()
	}
	return nil
}

// Count counts the older rows.
func (s *Previous) Count() (n int64, err error) {
	err = s.Each(func(string, []byte, []byte) error {
		n++
		return nil
	})
	return n, err
}
