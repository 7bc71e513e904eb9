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

var _ leveldb.BatchReplay = heldWrites(nil)

// Here is the batch that holds writes back, for the holder of the disk's lock.

// put writes a key of a space.
func (d *disk) put(space byte, key string, value []byte) {
	d.scratch = append(append(d.scratch[:0], space), key...)
	d.putUnread(d.scratch, value)
	if d.held != nil {
		d.held[string(d.scratch)] = held{value: append([]byte(nil), value...)}
	}
}

// putUnread writes a key that is never read before it is on disk.
func (d *disk) putUnread(key, value []byte) {
	d.batch.Put(key, value)
	d.size += len(key) + len(value) + 8
}

// delete removes a key of a space.
func (d *disk) delete(space byte, key string) {
	d.scratch = append(append(d.scratch[:0], space), key...)
	d.remove(d.scratch)
}

func (d *disk) remove(key []byte) {
	d.batch.Delete(key)
	d.size += len(key) + 8
	if d.held != nil {
		d.held[string(key)] = held{gone: true}
	}
}

// get looks at what is held back first. The first read after a flush lists that;
// the steady state never reads, so it never pays for the list.
func (d *disk) get(space byte, key string) ([]byte, error) {
	d.scratch = append(append(d.scratch[:0], space), key...)
	if d.held == nil && d.batch.Len() > 0 {
		d.held = map[string]held{}
		if err := d.batch.Replay(heldWrites(d.held)); err != nil {
			return nil, fmt.Errorf("list held writes: %w", err)
		}
	}
	if h, ok := d.held[string(d.scratch)]; ok {
		return h.value, nil
	}
	b, err := d.db.Get(d.scratch, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, d.note(fmt.Errorf("read the state: %w", err))
	}
	return b, nil
}

// flush writes rows, marks, position and guard as one. The position was set after
// its row was put, so it never runs ahead of the rows.
func (d *disk) flush() error {
	if d.failed != nil {
		return d.failed
	}
	position := d.progress.position.Load()
	if d.batch.Len() == 0 && position == d.progress.onDisk {
		return nil
	}
	d.progress.put(d.batch, position)
	if err := d.db.Write(d.batch, nil); err != nil {
		d.failed = d.note(fmt.Errorf("write the state: %w", err))
		return d.failed
	}
	d.progress.onDisk = position
	d.written.Add(int64(d.size))
	d.batch.Reset()
	d.size, d.held = 0, nil
	return nil
}

// grown writes the batch out when it is full.
func (d *disk) grown() error {
	if d.size >= d.opts.FlushBytes {
		return d.flush()
	}
	return d.touched()
}

// touched is for writes that need not be counted.
func (d *disk) touched() error {
	d.wake()
	return d.failed
}

// wake wakes the flush loop. It needs no lock.
func (d *disk) wake() {
	select {
	case d.dirty <- struct{}{}:
	default:
	}
}
