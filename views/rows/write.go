package rows

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// The key spaces; see FORMAT.md.
const (
	spaceRow      = 'r'
	spaceMark     = 't'
	spacePosition = 'p'
	spaceCopies   = 'o'
)

var (
	identityKey = []byte{'i'}
	clockKey    = []byte{'c'}
)

// Position is how far one partition has come.
type Position struct {
	Changelog int64 // next offset of the changelog
	Source    int64 // next offset of the source topic
}

func appendClock(dst []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(t.UnixMicro()))
}

func (b *Batch) key(space byte, key tables.Key) []byte {
	b.buf = append(b.buf[:0], space)
	b.buf = append(b.buf, key...)
	return b.buf
}

// Put stores the state row of a key. A mark of the key stays: it is older.
func (b *Batch) Put(partition int32, key tables.Key, stateRow []byte) {
	n := len(b.key(spaceRow, key))
	b.buf = binary.AppendUvarint(b.buf, uint64(partition))
	b.buf = append(b.buf, stateRow...)
	b.put(b.buf[:n:n], b.buf[n:])
}

// Delete removes a row and remembers the source offset that did it.
func (b *Batch) Delete(partition int32, key tables.Key, source int64) {
	b.drop(b.key(spaceRow, key))
	n := len(b.key(spaceMark, key))
	b.buf = binary.AppendUvarint(b.buf, uint64(partition))
	b.buf = binary.BigEndian.AppendUint64(b.buf, uint64(source))
	b.put(b.buf[:n:n], b.buf[n:])
}

// DeleteMarked is Delete where another partition may have the key, too: it keeps what the
// tombstone says, and when that was read, in seconds since the epoch.
func (b *Batch) DeleteMarked(partition int32, key tables.Key, source int64, deletion []byte, at uint32) {
	b.drop(b.key(spaceRow, key))
	n := len(b.key(spaceMark, key))
	b.buf = binary.AppendUvarint(b.buf, uint64(partition))
	b.buf = binary.BigEndian.AppendUint64(b.buf, uint64(source))
	b.buf = binary.BigEndian.AppendUint32(b.buf, at)
	b.buf = append(b.buf, deletion...)
	b.put(b.buf[:n:n], b.buf[n:])
}

// Move sets the position of a partition.
func (b *Batch) Move(partition int32, p Position) {
	b.buf = append(b.buf[:0], spacePosition)
	b.buf = binary.BigEndian.AppendUint32(b.buf, uint32(partition))
	n := len(b.buf)
	b.buf = binary.BigEndian.AppendUint64(b.buf, uint64(p.Changelog))
	b.buf = binary.BigEndian.AppendUint64(b.buf, uint64(p.Source))
	b.put(b.buf[:n:n], b.buf[n:])
}

// pruneBatch bounds the memory of a pruning step.
const pruneBatch = 4096

// Prune removes the marks of source offsets below the position and returns how
// many there were. Those that another partition may need stay for as long as a DB may be
// old, from when they were written. Write may be called meanwhile.
func (d *DB) Prune(below tables.Position) (int, error) {
	var old [][]byte
	err := d.scan(spaceMark, func(key, value []byte) error {
		m, err := parseMark(value)
		if err != nil {
			return err
		}
		if d.outdated(m, below) {
			old = append(old, append([]byte{spaceMark}, key...))
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	n := 0
	for some := range slices.Chunk(old, pruneBatch) {
		dropped, err := d.dropMarks(some, below)
		if n += dropped; err != nil {
			return n, err
		}
	}
	return n, nil
}

func (d *DB) outdated(m mark, below tables.Position) bool {
	if m.at > 0 && d.clock().Sub(time.Unix(int64(m.at), 0)) < d.keep {
		return false
	}
	return m.source < below.At(m.partition)
}

// dropMarks removes those of some marks that are still as old: the writer continues, and a
// newer one of the same key must stay.
func (d *DB) dropMarks(keys [][]byte, below tables.Position) (int, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	b := NewBatch()
	for _, k := range keys {
		value, err := d.get(k)
		if err != nil {
			return 0, err
		}
		if value == nil {
			continue
		}
		m, err := parseMark(value)
		if err != nil {
			return 0, err
		}
		if d.outdated(m, below) {
			b.drop(k)
		}
	}
	n := b.Len()
	return n, d.write(b)
}

// Touch sets the clock: the DB is known to be current although nothing changed.
func (d *DB) Touch() error { return d.Write(NewBatch()) }
