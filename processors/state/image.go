package state

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/syndtr/goleveldb/leveldb/util"
)

// When a primary key changes, the old key's deletion and the new key's insert may
// stand in different partitions, and the insert may lack values that only the old
// key's last row has. The images of such rows are kept here, and the wishes of other
// partitions for images whose deletion has not been read yet.

// WishKept is how long a wish for an image is remembered: longer than a producer
// may take to deliver the deletion that belongs to it.
const WishKept = 15 * time.Minute

// Image is the last row of a key whose primary key changed.
type Image struct {
	Offset int64  // of the source record that deleted the row
	At     int64  // when it was kept, microseconds since the epoch
	Row    []byte // the state row, under the deletion's source position; empty when there was no row
}

// pairKey begins the keys of everything about one old and one new key.
func pairKey(space byte, old, new string) []byte {
	b := binary.AppendUvarint([]byte{space}, uint64(len(old)))
	b = append(b, old...)
	b = binary.AppendUvarint(b, uint64(len(new)))
	return append(b, new...)
}

// PutImage keeps the last row of a key that became another one.
func (s *Store) PutImage(old, new string, image Image) error {
	key := appendInt(pairKey(spaceImage, old, new), image.Offset)
	value := append(appendInt(nil, image.At), image.Row...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(key[0], string(key[1:]), value)
	s.touched()
	return s.failed
}

// Images calls fn for the images of a key that became another one, the newest
// first, until it returns false.
func (s *Store) Images(old, new string, fn func(Image) (more bool, err error)) error {
	if err := s.Flush(); err != nil {
		return err
	}
	prefix := pairKey(spaceImage, old, new)
	s.cuts.Add(1) // LevelDB must not be closed under an iterator
	defer s.cuts.Done()
	it := s.db.NewIterator(util.BytesPrefix(prefix), nil)
	defer it.Release()
	for ok := it.Last(); ok; ok = it.Prev() {
		at, err := keptAt(it.Value())
		if err != nil || len(it.Key()) != len(prefix)+8 {
			return s.note(fmt.Errorf("image: %w", ErrCorrupt))
		}
		offset, err := parseInt(it.Key()[len(prefix):])
		if err != nil {
			return err
		}
		i := Image{Offset: offset, At: at, Row: append([]byte(nil), it.Value()[8:]...)}
		if more, err := fn(i); err != nil || !more {
			return err
		}
	}
	return s.note(it.Error())
}

// keptAt reads the time that begins a kept value.
func keptAt(b []byte) (int64, error) {
	if len(b) < 8 {
		return 0, fmt.Errorf("kept value: %w", ErrCorrupt)
	}
	return parseInt(b[:8])
}
