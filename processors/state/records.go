package state

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/syndtr/goleveldb/leveldb"
)

// The key spaces and the records of the last one.
const (
	spaceRow        = 'r'
	spaceMark       = 'd'
	spaceTomb       = 't'
	spaceImage      = 'i'
	spaceOldRequest = 'w' // as they were kept once: see ImageRequests.Move
	spaceRequest    = 'q'
	spaceHash       = 'h'
	spaceMeta       = 'm'
	spacePrevious   = 'o' // rows of an older generation: see previous.go

	metaPosition = "mposition"
	metaApplied  = "mapplied"
	metaEpoch    = "mepoch"
	metaControl  = "mcontrol"
	metaClock    = "mclock"
	metaIdentity = "midentity"
	metaEmitted  = "memitted"
	metaTruncate = "mtruncate"
	metaEmptied  = "memptied"
	metaStreamed = "mstreamed"
	metaSeed     = "mseed"
	metaWhole    = "mwhole"
	metaBarrier  = "mbarrier"
)

// Unknown is a position or offset that is not there.
const Unknown int64 = -1

// ErrCorrupt is returned for a record of ours that is cut short.
var ErrCorrupt = errors.New("the local state is corrupt")

// Emitted is what is known of the newest batch that this state has emitted. The
// hashes are valid only while Complete is true.
type Emitted struct {
	Batch    uint64
	Rows     int64
	Checksum uint64
	Epoch    uint64 // marks up to this epoch are in the batch
	Complete bool   // false from the first snapshot record to the manifest's acknowledgement
}

const emittedSize = 8*4 + 1

func (e Emitted) append(dst []byte) []byte {
	for _, v := range []uint64{e.Batch, uint64(e.Rows), e.Checksum, e.Epoch} {
		dst = binary.BigEndian.AppendUint64(dst, v)
	}
	if e.Complete {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func parseEmitted(b []byte) (Emitted, error) {
	if len(b) != emittedSize {
		return Emitted{}, fmt.Errorf("emitted batch: %w", ErrCorrupt)
	}
	at := func(i int) uint64 { return binary.BigEndian.Uint64(b[8*i:]) }
	return Emitted{Batch: at(0), Rows: int64(at(1)), Checksum: at(2), Epoch: at(3), Complete: b[32] == 1}, nil
}

func appendInt(dst []byte, v int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(v)) }

func parseInt(b []byte) (int64, error) {
	if len(b) != 8 {
		return 0, fmt.Errorf("number: %w", ErrCorrupt)
	}
	return int64(binary.BigEndian.Uint64(b)), nil
}

// markPrefix is the front of the marks of an epoch.
func markPrefix(dst []byte, epoch uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, spaceMark), epoch)
}

const markKeyAt = 9 // where the row's key begins in a mark

// The small records are read from the database: who sets one writes it out at once.

// record returns a small record, or nil when there is none.
func (d *disk) record(name string) ([]byte, error) {
	b, err := d.db.Get([]byte(name), nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, d.note(fmt.Errorf("read %s: %w", name, err))
	}
	return b, nil
}

// int returns a small record that is a number, or Unknown.
func (d *disk) int(name string) (int64, error) {
	b, err := d.record(name)
	if err != nil || b == nil {
		return Unknown, err
	}
	v, err := parseInt(b)
	return v, d.note(err)
}

// numbered returns a small record that a number begins; the rest is nil when there is none.
func (d *disk) numbered(name string) (number int64, rest []byte, err error) {
	b, err := d.record(name)
	if err != nil || b == nil {
		return 0, nil, err
	}
	if len(b) < 8 {
		return 0, nil, d.note(fmt.Errorf("%s: %w", name, ErrCorrupt))
	}
	number, err = parseInt(b[:8])
	return number, b[8:], err
}

// set writes a small record out, behind everything that was written before.
func (d *disk) set(name string, value []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.batch.Put([]byte(name), value)
	return d.flush()
}
