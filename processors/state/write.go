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

// Put stores a row. offset is the source record's; mark asks for a dirty mark.
func (s *Store) Put(key string, row []byte, offset int64, mark bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(spaceRow, key, row)
	if mark {
		s.mark(key)
	}
	return s.wrote(offset)
}

// Delete removes a row, marks its key and remembers the deletion until Forget.
func (s *Store) Delete(key string, tomb Tomb) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scratch = append(append(s.scratch[:0], spaceRow), key...)
	s.remove(s.scratch)
	s.mark(key)
	s.put(spaceTomb, key, tomb.append(nil))
	s.tombs = append(s.tombs, tombRef{offset: tomb.Offset, key: key})
	return s.wrote(tomb.Offset)
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
func (s *Store) wrote(offset int64) error {
	if offset > s.applied.Load() {
		s.applied.Store(offset)
	}
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

// NoteApplied raises the highest source offset that was applied.
func (s *Store) NoteApplied(offset int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if offset > s.applied.Load() {
		s.applied.Store(offset)
	}
}

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

// tombRef is a deletion that a replay could still reach.
type tombRef struct {
	offset int64
	key    string
}

func (s *Store) loadTombs() error {
	it := s.db.NewIterator(spaceRange(spaceTomb), nil)
	defer it.Release()
	for it.Next() {
		t, err := parseTomb(it.Value())
		if err != nil {
			return err
		}
		s.tombs = append(s.tombs, tombRef{offset: t.Offset, key: string(it.Key()[1:])})
	}
	sortTombs(s.tombs)
	return it.Error()
}

// Forget drops the deletions before a source offset that no replay reaches any more.
func (s *Store) Forget(before int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for n < len(s.tombs) && s.tombs[n].offset < before {
		ref := s.tombs[n]
		n++
		t, ok, err := s.tomb(ref.key)
		if err != nil {
			return err
		}
		if ok && t.Offset == ref.offset { // a later deletion of the key has its own reference
			s.scratch = append(append(s.scratch[:0], spaceTomb), ref.key...)
			s.remove(s.scratch)
		}
	}
	if n > 0 {
		s.touched()
		s.tombs = append(s.tombs[:0:0], s.tombs[n:]...)
	}
	return s.failed
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

// Truncate returns what SetTruncate has kept; the value is nil when there is nothing.
func (s *Store) Truncate() (until int64, value []byte, err error) {
	b, err := s.db.Get([]byte(metaTruncate), nil)
	switch {
	case errors.Is(err, leveldb.ErrNotFound):
		return 0, nil, nil
	case err != nil:
		return 0, nil, fmt.Errorf("read %s: %w", metaTruncate, err)
	case len(b) < 8:
		return 0, nil, fmt.Errorf("truncate: %w", ErrCorrupt)
	}
	until, err = parseInt(b[:8])
	return until, b[8:], err
}

var _ leveldb.BatchReplay = heldWrites(nil)
