package state

import (
	"errors"
	"fmt"

	"github.com/syndtr/goleveldb/leveldb"
)

// held is one write that has not reached LevelDB yet.
type held struct {
	value []byte
	gone  bool
}

type heldWrites map[string]held

// Put and Delete collect a batch's writes: see leveldb.BatchReplay.
func (h heldWrites) Put(key, value []byte) { h[string(key)] = held{value: value} }
func (h heldWrites) Delete(key []byte)     { h[string(key)] = held{gone: true} }

// Put stores a row; mark asks for a dirty mark.
func (s *Store) Put(key string, row []byte, from Origin, mark bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(spaceRow, key, row)
	if mark {
		s.mark(key)
	}
	return s.wrote(from)
}

func (s *Store) put(space byte, key string, value []byte) {
	s.scratch = append(append(s.scratch[:0], space), key...)
	s.batch.Put(s.scratch, value)
	s.size += len(s.scratch) + len(value) + 8
	if s.held != nil {
		s.held[string(s.scratch)] = held{value: append([]byte(nil), value...)}
	}
}

func (s *Store) remove(key []byte) {
	s.batch.Delete(key)
	s.size += len(key) + 8
	if s.held != nil {
		s.held[string(key)] = held{gone: true}
	}
}

func (s *Store) mark(key string) {
	s.scratch = append(markPrefix(s.scratch[:0], s.epoch), key...)
	s.batch.Put(s.scratch, nil)
	s.size += len(s.scratch) + 8
}

// wrote notes what was applied and writes the batch out when it is full.
func (s *Store) wrote(from Origin) error {
	if from.Offset > s.applied.Load() {
		s.applied.Store(from.Offset)
	}
	s.streamed.raise(&from)
	if s.size >= s.opts.FlushBytes {
		return s.flush()
	}
	s.touched()
	return s.failed
}

// SetPosition notes the changelog offset that the rows include now. It never waits
// for the disk.
func (s *Store) SetPosition(offset int64) {
	s.position.Store(offset)
	s.touched()
}

// Position returns the changelog offset that the rows include, or Unknown.
func (s *Store) Position() int64 { return s.position.Load() }

// Applied returns the highest source offset that was applied, or Unknown.
func (s *Store) Applied() int64 { return s.applied.Load() }

// Flush hands everything held back to LevelDB.
func (s *Store) Flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flush()
}

// flush writes rows, marks, position and guard as one. The position was set after
// its row was put, so it never runs ahead of the rows.
func (s *Store) flush() error {
	if s.failed != nil {
		return s.failed
	}
	position := s.position.Load()
	if s.batch.Len() == 0 && position == s.onDisk {
		return nil
	}
	if position != Unknown {
		s.batch.Put([]byte(metaPosition), appendInt(nil, position))
	}
	s.batch.Put([]byte(metaApplied), appendInt(nil, s.applied.Load()))
	if s.streamed.Source.Known() || s.streamed.Latest != 0 {
		s.batch.Put([]byte(metaStreamed), s.streamed.append(nil))
	}
	if err := s.db.Write(s.batch, nil); err != nil {
		s.failed = s.note(fmt.Errorf("write the state: %w", err))
		return s.failed
	}
	s.onDisk = position
	s.written.Add(int64(s.size))
	s.batch.Reset()
	s.size, s.held = 0, nil
	return nil
}

// SetControl notes the next offset of the control topic to be read.
func (s *Store) SetControl(offset int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batch.Put([]byte(metaControl), appendInt(nil, offset))
	return s.flush()
}

// Control returns the next offset of the control topic to be read, or Unknown.
func (s *Store) Control() (int64, error) { return s.metaInt(metaControl) }

// SetTruncate keeps a truncate of another partition, which concerns source offsets
// before until without more ado.
func (s *Store) SetTruncate(until int64, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batch.Put([]byte(metaTruncate), append(appendInt(nil, until), value...))
	return s.flush()
}

// SetEmptied keeps the source offset of the newest truncate that stood in this
// partition: whatever is older is gone.
func (s *Store) SetEmptied(offset int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batch.Put([]byte(metaEmptied), appendInt(nil, offset))
	return s.flush()
}

// Emptied returns what SetEmptied has kept, or Unknown.
func (s *Store) Emptied() (int64, error) { return s.metaInt(metaEmptied) }

// Truncate returns what SetTruncate has kept; the value is nil when there is nothing.
func (s *Store) Truncate() (until int64, value []byte, err error) {
	b, err := s.db.Get([]byte(metaTruncate), nil)
	switch {
	case errors.Is(err, leveldb.ErrNotFound):
		return 0, nil, nil
	case err != nil:
		return 0, nil, s.note(fmt.Errorf("read %s: %w", metaTruncate, err))
	case len(b) < 8:
		return 0, nil, s.note(fmt.Errorf("truncate: %w", ErrCorrupt))
	}
	until, err = parseInt(b[:8])
	return until, b[8:], err
}

var _ leveldb.BatchReplay = heldWrites(nil)
