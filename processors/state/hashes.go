package state

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/syndtr/goleveldb/leveldb"
)

// Hashes is the side space of row hashes, as a batch's emission reads and writes
// it. Its writes reach LevelDB in pieces: an emission that is interrupted leaves
// Emitted incomplete, and the next one counts anew.
type Hashes struct {
	disk  *disk
	batch leveldb.Batch
	key   []byte
}

// Hashes begins a use of the side space.
func (s *Batches) Hashes() *Hashes { return &Hashes{disk: s.disk} }

func (h *Hashes) at(key []byte) []byte {
	h.key = append(append(h.key[:0], spaceHash), key...)
	return h.key
}

// Get returns the hash of the row as the newest batch holds it; false when the
// batch has no such row.
func (h *Hashes) Get(key []byte) (uint64, bool, error) {
	b, err := h.disk.db.Get(h.at(key), nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, h.disk.note(fmt.Errorf("read a row's hash: %w", err))
	}
	if len(b) != 8 {
		return 0, false, h.disk.note(fmt.Errorf("row's hash: %w", ErrCorrupt))
	}
	return binary.BigEndian.Uint64(b), true, nil
}

// Set notes the hash of a row.
func (h *Hashes) Set(key []byte, sum uint64) error {
	h.batch.Put(h.at(key), appendInt(nil, int64(sum)))
	return h.writeFull()
}

// Drop notes that a row is not in the batch.
func (h *Hashes) Drop(key []byte) error {
	h.batch.Delete(h.at(key))
	return h.writeFull()
}

// Wipe removes all hashes.
func (h *Hashes) Wipe() error {
	it := h.disk.db.NewIterator(spaceRange(spaceHash), noCache())
	defer it.Release()
	for it.Next() {
		h.batch.Delete(it.Key())
		if err := h.writeFull(); err != nil {
			return err
		}
	}
	if err := it.Error(); err != nil {
		return h.disk.note(fmt.Errorf("wipe hashes: %w", err))
	}
	return h.Write()
}

func (h *Hashes) writeFull() error {
	if len(h.batch.Dump()) < wipeBytes {
		return nil
	}
	return h.Write()
}

// Write hands what was noted to LevelDB.
func (h *Hashes) Write() error {
	if h.batch.Len() == 0 {
		return nil
	}
	if err := h.disk.db.Write(&h.batch, nil); err != nil {
		return h.disk.note(fmt.Errorf("write hashes: %w", err))
	}
	h.batch.Reset()
	return nil
}
