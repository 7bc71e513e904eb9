package rows

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

// CopyKind says what a partition has of a key.
type CopyKind byte

// The kinds of copies.
const (
	Shown   CopyKind = iota // a row
	Gone                    // a deletion
	Hidden                  // a row outside the table's where
	Foreign                 // a row of other columns
)

const copyLeft = 0x80 // beside the kind

// Copy is what one partition has of a key that several have something of. Which of them
// counts is the caller's to say: its row is then where all rows are, too.
type Copy struct {
	Partition int32
	Offset    int64 // of the source record, -1 where it is not known
	Kind      CopyKind
	// Left says that the partition has given it up for a later change of another one,
	// which is still to be read.
	Left bool
	// Bytes are the state row, or what the tombstone of a deletion says.
	Bytes []byte
}

// PutCopies keeps what the partitions have of a key.
func (b *Batch) PutCopies(key tables.Key, all []Copy) {
	n := len(b.key(spaceCopies, key))
	for _, c := range all {
		b.buf = binary.AppendUvarint(b.buf, uint64(c.Partition))
		b.buf = binary.AppendVarint(b.buf, c.Offset)
		kind := byte(c.Kind)
		if c.Left {
			kind |= copyLeft
		}
		b.buf = append(b.buf, kind)
		b.buf = binary.AppendUvarint(b.buf, uint64(len(c.Bytes)))
		b.buf = append(b.buf, c.Bytes...)
	}
	b.put(b.buf[:n:n], b.buf[n:])
}

// DropCopies forgets them.
func (b *Batch) DropCopies(key tables.Key) { b.drop(b.key(spaceCopies, key)) }

// Copies returns what PutCopies has kept of a key.
func (d *DB) Copies(key tables.Key) ([]Copy, error) {
	b, err := d.get(append([]byte{spaceCopies}, key...))
	if b == nil || err != nil {
		return nil, err
	}
	return parseCopies(b)
}

// EachCopies calls fn with every key that copies are kept of.
func (d *DB) EachCopies(ctx context.Context, fn func(key tables.Key, all []Copy) error) error {
	return d.scan(spaceCopies, func(key, value []byte) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		all, err := parseCopies(value)
		if err != nil {
			return err
		}
		return fn(tables.Key(key), all)
	})
}

// CopiesFrom calls fn with some of the keys that copies are kept of, from one on, and
// returns where the next call continues; empty when there are no more.
func (d *DB) CopiesFrom(from tables.Key, most int, fn func(key tables.Key, all []Copy) error) (next tables.Key, err error) {
	n := 0
	err = d.scanFrom(spaceCopies, []byte(from), func(key, value []byte) (bool, error) {
		if n++; n > most {
			next = tables.Key(key)
			return false, nil
		}
		all, err := parseCopies(value)
		if err != nil {
			return false, err
		}
		return true, fn(tables.Key(key), all)
	})
	return next, err
}

func parseCopies(b []byte) ([]Copy, error) {
	bad := fmt.Errorf("copies of a key: %w", ErrCorrupt)
	var out []Copy
	for len(b) > 0 {
		p, n := binary.Uvarint(b)
		if n <= 0 || p >= tables.MaxPartitions {
			return nil, bad
		}
		b = b[n:]
		offset, n := binary.Varint(b)
		if n <= 0 || len(b) < n+1 {
			return nil, bad
		}
		kind, left := CopyKind(b[n]&^copyLeft), b[n]&copyLeft != 0
		b = b[n+1:]
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) || kind > Foreign {
			return nil, bad
		}
		out = append(out, Copy{Partition: int32(p), Offset: offset, Kind: kind, Left: left, Bytes: b[n : n+int(size) : n+int(size)]})
		b = b[n+int(size):]
	}
	return out, nil
}
