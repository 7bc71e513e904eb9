package state

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/iterator"
)

// While a generation is filled, the rows of the older one are kept beside its own, to
// fill what an event leaves out, and to be taken over in the end. Each deletion of a row
// removes the older one of its key, in the same write.

// PutOlder keeps the row that an older generation has of a key.
func (s *Store) PutOlder(key string, row []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.older = true
	s.put(spaceOlder, key, row)
	return s.grown()
}

// DropOlder forgets the row that an older generation has of a key.
func (s *Store) DropOlder(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scratch = append(append(s.scratch[:0], spaceOlder), key...)
	s.remove(s.scratch)
	return s.grown()
}

// grown writes the batch out when it is full.
func (s *Store) grown() error {
	if s.size >= s.opts.FlushBytes {
		return s.flush()
	}
	s.touched()
	return s.failed
}

// Older returns the row that an older generation has of a key, or nil. The caller must
// not change it.
func (s *Store) Older(key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.older {
		return nil, nil
	}
	return s.get(spaceOlder, key)
}

// SetSeed notes how far the filling of the generation is, behind everything that was
// written before.
func (s *Store) SetSeed(value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.older = true
	s.batch.Put([]byte(metaSeed), value)
	return s.flush()
}

// Seed returns what SetSeed has noted, or nil.
func (s *Store) Seed() ([]byte, error) {
	b, err := s.db.Get([]byte(metaSeed), nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, s.note(fmt.Errorf("read %s: %w", metaSeed, err))
	}
	return b, nil
}

// ClearOlder forgets all older rows, and what SetSeed has noted.
func (s *Store) ClearOlder() error {
	if err := s.Flush(); err != nil {
		return err
	}
	if err := s.db.Delete([]byte(metaSeed), nil); err != nil { // first: without it the rest counts for nothing
		return s.note(fmt.Errorf("clear older rows: %w", err))
	}
	s.mu.Lock()
	s.older = false
	s.mu.Unlock()
	s.cuts.Add(1)
	defer s.cuts.Done()
	it := s.db.NewIterator(spaceRange(spaceOlder), noCache())
	defer it.Release()
	b, n := new(leveldb.Batch), 0
	for it.Next() {
		b.Delete(it.Key())
		if n += len(it.Key()) + 8; n >= hashBytes {
			if err := s.db.Write(b, nil); err != nil {
				return s.note(fmt.Errorf("clear older rows: %w", err))
			}
			b.Reset()
			n = 0
		}
	}
	if err := errors.Join(it.Error(), s.db.Write(b, nil)); err != nil {
		return s.note(fmt.Errorf("clear older rows: %w", err))
	}
	return nil
}

// EachOlder calls fn with every older row, in the order of keys, and with the row that
// the table has of the same key, or nil. What fn writes is not seen.
func (s *Store) EachOlder(fn func(key string, older, row []byte) error) error {
	if err := s.Flush(); err != nil {
		return err
	}
	s.cuts.Add(1)
	defer s.cuts.Done()
	snap, err := s.db.GetSnapshot()
	if err != nil {
		return fmt.Errorf("take a snapshot of the state: %w", err)
	}
	defer snap.Release()
	older, rows := snap.NewIterator(spaceRange(spaceOlder), noCache()), snap.NewIterator(spaceRange(spaceRow), noCache())
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
	return s.note(errors.Join(older.Error(), rows.Error()))
}

// at returns the value of the iterator if it stands at the key.
func at(it iterator.Iterator, valid bool, key []byte) []byte {
	if valid && bytes.Equal(it.Key()[1:], key) {
		return it.Value()
	}
	return nil
}

// CountOlder counts the older rows.
func (s *Store) CountOlder() (n int64, err error) {
	err = s.EachOlder(func(string, []byte, []byte) error {
		n++
		return nil
	})
	return n, err
}

// Rows counts the rows of the table.
func (s *Store) Rows() (n int64, err error) {
	err = s.Each(func(string, []byte) error {
		n++
		return nil
	})
	return n, err
}
