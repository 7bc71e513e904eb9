package state

import (
	"encoding/binary"
	"fmt"

	"github.com/syndtr/goleveldb/leveldb/util"
)

// Batches is the key space of dirty marks, and what is kept of the batch that is to be made
// and of the newest that was.
type Batches struct {
	disk  *disk
	epoch uint64 // of the marks that are made now; the disk's lock guards it
}

func (s *Batches) load() error {
	epoch, err := s.disk.int(metaEpoch)
	if err != nil {
		return err
	}
	s.epoch = uint64(max(epoch, 0))
	// A crash may have kept a batch and lost the epoch that began with its cut: marks that
	// were made in the batch's own epoch would count as being in it.
	emitted, some, err := s.Emitted()
	if err == nil && some {
		s.epoch = max(s.epoch, emitted.Epoch+1)
	}
	return err
}

// mark notes that a key changes in this epoch. The lock is held.
func (s *Batches) mark(key string) {
	d := s.disk
	d.scratch = append(markPrefix(d.scratch[:0], s.epoch), key...)
	d.putUnread(d.scratch, nil)
}

// Cut writes what is held back and freezes the state: later changes are marked in
// a new epoch.
func (s *Batches) Cut() (*Cut, error) {
	d := s.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.flush(); err != nil {
		return nil, err
	}
	snap, err := d.db.GetSnapshot()
	if err != nil {
		return nil, fmt.Errorf("take a snapshot of the state: %w", err)
	}
	c := &Cut{disk: d, snap: snap, epoch: s.epoch}
	s.epoch++
	d.batch.Put([]byte(metaEpoch), appendInt(nil, int64(s.epoch)))
	d.users.Add(1)
	return c, nil
}

// Clear removes the marks up to an epoch, in pieces.
func (s *Batches) Clear(upTo uint64) error {
	if err := s.disk.wipe(&util.Range{Start: []byte{spaceMark}, Limit: markPrefix(nil, upTo+1)}); err != nil {
		return fmt.Errorf("clear marks: %w", err)
	}
	return nil
}

// Emitted returns what is known of the newest batch that was emitted from here.
func (s *Batches) Emitted() (Emitted, bool, error) {
	b, err := s.disk.record(metaEmitted)
	if err != nil || b == nil {
		return Emitted{}, false, err
	}
	e, err := parseEmitted(b)
	return e, err == nil, s.disk.note(err)
}

// SetEmitted notes how far a batch is.
func (s *Batches) SetEmitted(e Emitted) error {
	if err := s.disk.db.Put([]byte(metaEmitted), e.append(nil), nil); err != nil {
		return s.disk.note(fmt.Errorf("write the emitted batch: %w", err))
	}
	return nil
}

// SetWhole asks for all rows in the next batch: what earlier ones have written may be wrong.
func (s *Batches) SetWhole() error {
	return s.disk.note(s.disk.db.Put([]byte(metaWhole), nil, nil))
}

// Whole reports whether SetWhole has asked.
func (s *Batches) Whole() (bool, error) {
	yes, err := s.disk.db.Has([]byte(metaWhole), nil)
	return yes, s.disk.note(err)
}

// ClearWhole says that the batch was written.
func (s *Batches) ClearWhole() error {
	return s.disk.note(s.disk.db.Delete([]byte(metaWhole), nil))
}

// SetBarrier keeps the newest batch that is to be made, and what was asked for. It
// takes the place of an older one. The barrier's control record is done by it.
func (s *Batches) SetBarrier(batch uint64, value []byte) error {
	return s.disk.set(metaBarrier, append(binary.BigEndian.AppendUint64(nil, batch), value...))
}

// Barrier returns the batch that is still to be made; the value is nil when there is none.
func (s *Batches) Barrier() (batch uint64, value []byte, err error) {
	n, value, err := s.disk.numbered(metaBarrier)
	return uint64(n), value, err
}

// DropBarrier forgets the batch that is to be made, unless it is a later one than the
// one that was made.
func (s *Batches) DropBarrier(made uint64) error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if err := s.disk.flush(); err != nil {
		return err
	}
	batch, value, err := s.Barrier()
	if err != nil || value == nil || batch > made {
		return err
	}
	s.disk.batch.Delete([]byte(metaBarrier))
	return s.disk.flush()
}
