package state

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The key spaces and the records of the last one.
const (
	spaceRow   = 'r'
	spaceMark  = 'd'
	spaceTomb  = 't'
	spaceImage = 'i'
	spaceWish  = 'w' // as they were kept once: see MoveWishes
	spaceAsked = 'q'
	spaceHash  = 'h'
	spaceMeta  = 'm'
	spaceOlder = 'o' // rows of an older generation: see older.go

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

// Identity says which topics the state belongs to. Zeros match everything.
type Identity struct {
	Source    [16]byte
	Changelog [16]byte
}

// same reports whether two ids may be of one topic: brokers without ids give zeros.
func same(a, b [16]byte) bool { return a == b || a == [16]byte{} || b == [16]byte{} }

func (i Identity) append(dst []byte) []byte {
	dst = append(dst, i.Source[:]...)
	return append(dst, i.Changelog[:]...)
}

func parseIdentity(b []byte) (Identity, error) {
	var i Identity
	if len(b) != 32 {
		return i, fmt.Errorf("identity: %w", ErrCorrupt)
	}
	copy(i.Source[:], b)
	copy(i.Changelog[:], b[16:])
	return i, nil
}

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
