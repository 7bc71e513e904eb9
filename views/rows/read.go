package rows

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// Clock returns when the DB was last known to be current.
func (d *DB) Clock() (time.Time, error) {
	b, err := d.get(clockKey)
	if err != nil {
		return time.Time{}, err
	}
	if len(b) != 8 {
		return time.Time{}, fmt.Errorf("clock of %d bytes: %w", len(b), ErrCorrupt)
	}
	return time.UnixMicro(int64(binary.BigEndian.Uint64(b))), nil
}

// Positions returns the position of each partition of the identity, and whether
// there is any: a DB that was never written has none.
func (d *DB) Positions() ([]Position, bool, error) {
	out := make([]Position, d.identity.Partitions)
	any := false
	err := d.scan(spacePosition, func(key, value []byte) error {
		if len(key) != 4 || len(value) != 16 {
			return fmt.Errorf("position of %d and %d bytes: %w", len(key), len(value), ErrCorrupt)
		}
		p := int(binary.BigEndian.Uint32(key))
		if p >= len(out) {
			return fmt.Errorf("position of partition %d of %d: %w", p, len(out), ErrCorrupt)
		}
		out[p] = Position{
			Changelog: int64(binary.BigEndian.Uint64(value)),
			Source:    int64(binary.BigEndian.Uint64(value[8:])),
		}
		any = true
		return nil
	})
	return out, any, err
}

// Row returns the state row of a key, nil when there is none, and its partition.
func (d *DB) Row(key tables.Key) (stateRow []byte, partition int32, err error) {
	b, err := d.get(append([]byte{spaceRow}, key...))
	if b == nil || err != nil {
		return nil, 0, err
	}
	partition, stateRow, err = splitRow(b)
	return stateRow, partition, err
}

func splitRow(b []byte) (partition int32, stateRow []byte, err error) {
	p, n := binary.Uvarint(b)
	if n <= 0 || p >= tables.MaxPartitions {
		return 0, nil, fmt.Errorf("row of %d bytes: %w", len(b), ErrCorrupt)
	}
	return int32(p), b[n:], nil
}

// mark is what is kept of a deletion.
type mark struct {
	partition int32
	source    int64
	at        uint32 // when it was written, 0 where only its own partition has the key
	deletion  []byte
}

func parseMark(b []byte) (m mark, err error) {
	p, rest, err := splitRow(b)
	if err != nil || len(rest) != 8 && len(rest) < 12 {
		return m, fmt.Errorf("mark of %d bytes: %w", len(b), ErrCorrupt)
	}
	m = mark{partition: p, source: int64(binary.BigEndian.Uint64(rest))}
	if rest = rest[8:]; len(rest) > 0 {
		m.at, m.deletion = binary.BigEndian.Uint32(rest), rest[4:]
	}
	return m, nil
}

// Deletion returns what is kept of a key's newest deletion.
func (d *DB) Deletion(key tables.Key) (c Copy, there bool, err error) {
	b, err := d.get(append([]byte{spaceMark}, key...))
	if b == nil || err != nil {
		return c, false, err
	}
	m, err := parseMark(b)
	return Copy{Partition: m.partition, Offset: m.source, Kind: Gone, Bytes: m.deletion}, err == nil, err
}

// EachDeletion calls fn with the key of every deletion that is kept.
func (d *DB) EachDeletion(ctx context.Context, fn func(key tables.Key)) error {
	return d.scan(spaceMark, func(key, _ []byte) error {
		fn(tables.Key(key))
		return context.Cause(ctx)
	})
}

// Newest returns the source offset of the newest known state of a key in a
// partition, be it a row or the mark of a deletion, and -1 when nothing is known.
func (d *DB) Newest(partition int32, key tables.Key) (int64, error) {
	newest := int64(-1)
	row, home, err := d.Row(key)
	if err != nil {
		return -1, err
	}
	if row != nil && home == partition {
		s, err := wire.ParseStateRow(row)
		if err != nil {
			return -1, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		newest = s.Offset
	}
	b, err := d.get(append([]byte{spaceMark}, key...))
	if err != nil || b == nil {
		return newest, err
	}
	m, err := parseMark(b)
	if m.partition != partition {
		return newest, err
	}
	return max(newest, m.source), err
}

// Scan calls fn with every row, in the order of the keys. The state row is only
// valid during the call.
func (d *DB) Scan(ctx context.Context, fn func(partition int32, key tables.Key, stateRow []byte) error) error {
	n := 0
	return d.scan(spaceRow, func(key, value []byte) error {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p, row, err := splitRow(value)
		if err != nil {
			return err
		}
		return fn(p, tables.Key(key), row)
	})
}
