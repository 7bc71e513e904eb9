package state

import (
	"encoding/binary"
	"fmt"

	"github.com/syndtr/goleveldb/leveldb/util"
)

// Wish is what another partition has asked for: the image of a key that became another
// one. It is kept also when it was declined, for the deletion may come later.
type Wish struct {
	Old, New  string
	Partition int32 // that has asked, for its insert at
	Offset    int64
	At        int64 // when it has asked, microseconds since the epoch
	Declined  bool  // and was told so
	Value     []byte
}

const (
	wishOpen     = 0
	wishDeclined = 1
	wishFront    = 9  // of the value: time, state
	wishEnd      = 12 // of the key: partition, offset
)

func (w *Wish) key() []byte {
	b := pairKey(spaceAsked, w.Old, w.New)
	b = binary.BigEndian.AppendUint32(b, uint32(w.Partition))
	return appendInt(b, w.Offset)
}

// PutWish remembers a wish.
func (s *Store) PutWish(w *Wish) error {
	key, state := w.key(), byte(wishOpen)
	if w.Declined {
		state = wishDeclined
	}
	value := append(append(appendInt(nil, w.At), state), w.Value...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(key[0], string(key[1:]), value)
	s.touched()
	return s.failed
}

// DropWish forgets a wish.
func (s *Store) DropWish(w *Wish) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(w.key())
	s.touched()
	return s.failed
}

// WishesOf calls fn for the wishes for one image.
func (s *Store) WishesOf(old, new string, fn func(*Wish) error) error {
	return s.wishes(util.BytesPrefix(pairKey(spaceAsked, old, new)), fn)
}

// Wishes calls fn for every wish.
func (s *Store) Wishes(fn func(*Wish) error) error { return s.wishes(spaceRange(spaceAsked), fn) }

func (s *Store) wishes(r *util.Range, fn func(*Wish) error) error {
	if err := s.Flush(); err != nil {
		return err
	}
	s.cuts.Add(1) // LevelDB must not be closed under an iterator
	defer s.cuts.Done()
	it := s.db.NewIterator(r, nil)
	defer it.Release()
	for it.Next() {
		w, err := parseWish(it.Key(), it.Value())
		if err != nil {
			return s.note(err)
		}
		if err := fn(w); err != nil {
			return err
		}
	}
	return s.note(it.Error())
}

func parseWish(key, value []byte) (*Wish, error) {
	corrupt := fmt.Errorf("wish: %w", ErrCorrupt)
	if len(value) < wishFront {
		return nil, corrupt
	}
	w := &Wish{Declined: value[8] == wishDeclined, Value: append([]byte(nil), value[wishFront:]...)}
	var err error
	if w.At, err = parseInt(value[:8]); err != nil {
		return nil, err
	}
	rest := key[1:]
	for _, text := range []*string{&w.Old, &w.New} {
		n, size := binary.Uvarint(rest)
		if size <= 0 || n > uint64(len(rest)-size) {
			return nil, corrupt
		}
		*text, rest = string(rest[size:size+int(n)]), rest[size+int(n):]
	}
	if len(rest) != wishEnd {
		return nil, corrupt
	}
	w.Partition = int32(binary.BigEndian.Uint32(rest))
	w.Offset, err = parseInt(rest[4:])
	return w, err
}

// MoveWishes takes over wishes as they were kept once, under a name that did not tell
// the keys: read tells what the value says.
func (s *Store) MoveWishes(read func(value []byte) (*Wish, error)) error {
	return s.each(spaceWish, func(name string, b []byte) error {
		at, err := keptAt(b)
		if err != nil {
			return s.note(err)
		}
		w, err := read(b[8:])
		if err != nil {
			return err
		}
		w.At, w.Value = at, append([]byte(nil), b[8:]...)
		if err := s.PutWish(w); err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.remove(append([]byte{spaceWish}, name...))
		return s.failed
	})
}
