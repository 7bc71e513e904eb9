package state

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/syndtr/goleveldb/leveldb/util"
)

// When a primary key changes, the old key's deletion and the new key's insert may
// be in different partitions, and the insert may lack values that only the old
// key's last row has. The before-images, which are such rows, are kept here, and the requests of other
// partitions for before-images whose deletion has not been read yet.

// ImageRequestKept is how long a request for a before-image is kept: longer than a producer
// may take to deliver the deletion that belongs to it.
const ImageRequestKept = 15 * time.Minute

// BeforeImage is the last row of a key whose primary key changed.
type BeforeImage struct {
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

// BeforeImages is the key space of such rows.
type BeforeImages struct{ disk *disk }

// Put keeps the last row of a key that became another one.
func (s *BeforeImages) Put(old, new string, image BeforeImage) error {
	key := appendInt(pairKey(spaceImage, old, new), image.Offset)
	value := append(appendInt(nil, image.At), image.Row...)
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	s.disk.put(key[0], string(key[1:]), value)
	return s.disk.touched()
}

// Of calls fn for the before-images of a key that became another one, the newest
// first, until it returns false.
func (s *BeforeImages) Of(old, new string, fn func(BeforeImage) (more bool, err error)) error {
	if err := s.disk.sync(); err != nil {
		return err
	}
	prefix := pairKey(spaceImage, old, new)
	s.disk.users.Add(1)
	defer s.disk.users.Done()
	it := s.disk.db.NewIterator(util.BytesPrefix(prefix), nil)
	defer it.Release()
	for ok := it.Last(); ok; ok = it.Prev() {
		at, err := keptAt(it.Value())
		if err != nil || len(it.Key()) != len(prefix)+8 {
			return s.disk.note(fmt.Errorf("image: %w", ErrCorrupt))
		}
		offset, err := parseInt(it.Key()[len(prefix):])
		if err != nil {
			return err
		}
		i := BeforeImage{Offset: offset, At: at, Row: append([]byte(nil), it.Value()[8:]...)}
		if more, err := fn(i); err != nil || !more {
			return err
		}
	}
	return s.disk.note(it.Error())
}

// keptAt reads the time that begins a kept value.
func keptAt(b []byte) (int64, error) {
	if len(b) < 8 {
		return 0, fmt.Errorf("kept value: %w", ErrCorrupt)
	}
	return parseInt(b[:8])
}

// ImageRequest is what another partition has asked for: the before-image of a key that became another
// one. It is kept also when it was declined, for the deletion may come later.
type ImageRequest struct {
	Old, New  string
	Partition int32 // that has asked, for its insert at
	Offset    int64
	At        int64 // when it has asked, microseconds since the epoch
	Declined  bool  // and the partition that asked knows it
	Value     []byte
}

const (
	requestOpen     = 0
	requestDeclined = 1
	requestFront    = 9  // of the value: time, state
	requestEnd      = 12 // of the key: partition, offset
)

func (w *ImageRequest) key() []byte {
	b := pairKey(spaceRequest, w.Old, w.New)
	b = binary.BigEndian.AppendUint32(b, uint32(w.Partition))
	return appendInt(b, w.Offset)
}

// ImageRequests is the key space of what other partitions have asked for.
type ImageRequests struct{ disk *disk }

// Put stores a request.
func (s *ImageRequests) Put(w *ImageRequest) error {
	key, state := w.key(), byte(requestOpen)
	if w.Declined {
		state = requestDeclined
	}
	value := append(append(appendInt(nil, w.At), state), w.Value...)
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	s.disk.put(key[0], string(key[1:]), value)
	return s.disk.touched()
}

// Drop removes a request.
func (s *ImageRequests) Drop(w *ImageRequest) error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	s.disk.remove(w.key())
	return s.disk.touched()
}

// Of calls fn for the requests for one before-image.
func (s *ImageRequests) Of(old, new string, fn func(*ImageRequest) error) error {
	return s.each(util.BytesPrefix(pairKey(spaceRequest, old, new)), fn)
}

// Each calls fn for every request.
func (s *ImageRequests) Each(fn func(*ImageRequest) error) error {
	return s.each(spaceRange(spaceRequest), fn)
}

func (s *ImageRequests) each(r *util.Range, fn func(*ImageRequest) error) error {
	return s.disk.eachIn(r, func(key, value []byte) error {
		w, err := parseImageRequest(key, value)
		if err != nil {
			return s.disk.note(err)
		}
		return fn(w)
	})
}

func parseImageRequest(key, value []byte) (*ImageRequest, error) {
	corrupt := fmt.Errorf("request for a before-image: %w", ErrCorrupt)
	if len(value) < requestFront {
		return nil, corrupt
	}
	w := &ImageRequest{Declined: value[8] == requestDeclined, Value: append([]byte(nil), value[requestFront:]...)}
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
	if len(rest) != requestEnd {
		return nil, corrupt
	}
	w.Partition = int32(binary.BigEndian.Uint32(rest))
	w.Offset, err = parseInt(rest[4:])
	return w, err
}

// Move takes over requests in their earlier form, under a name that did not have
// the keys: read parses the value.
func (s *ImageRequests) Move(read func(value []byte) (*ImageRequest, error)) error {
	return s.disk.each(spaceOldRequest, func(name string, b []byte) error {
		at, err := keptAt(b)
		if err != nil {
			return s.disk.note(err)
		}
		w, err := read(b[8:])
		if err != nil {
			return err
		}
		w.At, w.Value = at, append([]byte(nil), b[8:]...)
		if err := s.Put(w); err != nil {
			return err
		}
		s.disk.mu.Lock()
		defer s.disk.mu.Unlock()
		s.disk.remove(append([]byte{spaceOldRequest}, name...))
		return s.disk.failed
	})
}
