package state

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// Cut is the state at one instant. It keeps the store from closing until Release.
type Cut struct {
	disk  *disk
	snap  *leveldb.Snapshot
	epoch uint64 // the last epoch whose marks belong to it
}

// Release gives the snapshot back. It may be called once.
func (c *Cut) Release() {
	c.snap.Release()
	c.disk.users.Done()
}

// Epoch is the last epoch whose marks belong to the cut.
func (c *Cut) Epoch() uint64 { return c.epoch }

// Rows calls fn for every row, in the order of keys.
func (c *Cut) Rows(fn func(key, row []byte) error) error {
	it := c.snap.NewIterator(spaceRange(spaceRow), noCache())
	defer it.Release()
	for it.Next() {
		if err := fn(it.Key()[1:], it.Value()); err != nil {
			return err
		}
	}
	return c.disk.note(it.Error())
}

// Has reports whether there is a row of the key.
func (c *Cut) Has(key []byte) (bool, error) {
	yes, err := c.snap.Has(append([]byte{spaceRow}, key...), nil)
	return yes, c.disk.note(err)
}

// Tomb returns the deletion of a key, where it is known.
func (c *Cut) Tomb(key []byte) (Tomb, bool, error) {
	b, err := c.snap.Get(append([]byte{spaceTomb}, key...), nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return Tomb{}, false, nil
	}
	if err != nil {
		return Tomb{}, false, c.disk.note(fmt.Errorf("read a deletion: %w", err))
	}
	t, err := parseTomb(b)
	return t, err == nil, c.disk.note(err)
}

// Marked calls fn once for every key that changed in an epoch after the given one,
// or in any when all is set, with its row, or nil when it is gone.
func (c *Cut) Marked(after uint64, all bool, fn func(key, row []byte) error) error {
	var newer []uint64 // epochs that were visited: more than one only after an interrupted emission
	for limit := c.epoch + 1; ; {
		epoch, ok, err := c.epochBefore(limit)
		if err != nil || !ok || (!all && epoch <= after) {
			return err
		}
		if err := c.markedIn(epoch, newer, fn); err != nil {
			return err
		}
		newer, limit = append(newer, epoch), epoch
	}
}

// epochBefore returns the newest epoch before the given one that has marks.
func (c *Cut) epochBefore(epoch uint64) (uint64, bool, error) {
	it := c.snap.NewIterator(&util.Range{Start: []byte{spaceMark}, Limit: markPrefix(nil, epoch)}, noCache())
	defer it.Release()
	if !it.Last() {
		return 0, false, c.disk.note(it.Error())
	}
	return binary.BigEndian.Uint64(it.Key()[1:]), true, nil
}

func (c *Cut) markedIn(epoch uint64, newer []uint64, fn func(key, row []byte) error) error {
	it := c.snap.NewIterator(util.BytesPrefix(markPrefix(nil, epoch)), noCache())
	defer it.Release()
	var full []byte
	for it.Next() {
		key := it.Key()[markKeyAt:]
		seen, err := c.markedInAny(newer, key)
		if err != nil {
			return err
		}
		if seen {
			continue
		}
		full = append(append(full[:0], spaceRow), key...)
		row, err := c.snap.Get(full, nil)
		if err != nil && !errors.Is(err, leveldb.ErrNotFound) {
			return c.disk.note(fmt.Errorf("read a marked row: %w", err))
		}
		if err := fn(key, row); err != nil {
			return err
		}
	}
	return c.disk.note(it.Error())
}

// markedInAny reports whether the key is marked in one of the epochs.
func (c *Cut) markedInAny(epochs []uint64, key []byte) (bool, error) {
	for _, e := range epochs {
		ok, err := c.snap.Has(append(markPrefix(nil, e), key...), nil)
		if ok || err != nil {
			return ok, c.disk.note(err)
		}
	}
	return false, nil
}

// Counts returns how many keys are marked, and how many rows fn counts among those that
// there are.
func (c *Cut) Counts(fn func(key, row []byte) (bool, error)) (marked, rows int64, err error) {
	err = c.Marked(0, true, func(_, _ []byte) error { marked++; return nil })
	if err != nil {
		return 0, 0, err
	}
	err = c.Rows(func(key, row []byte) error {
		yes, err := fn(key, row)
		if yes {
			rows++
		}
		return err
	})
	return marked, rows, err
}
