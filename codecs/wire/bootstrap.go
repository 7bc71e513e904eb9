package wire

import (
	"encoding/binary"
	"fmt"
)

const bootstrapVersion = 1

// BootstrapPhase says what the filling of a partition is doing.
type BootstrapPhase uint8

// The phases of the filling of a partition, in their order; which of them there are
// depends on the plan.
const (
	BootstrapReading   BootstrapPhase = 1 // the old generation's rows are read
	BootstrapReplaying BootstrapPhase = 2 // the source is read again
	BootstrapAdopting  BootstrapPhase = 3 // rows that the source did not mention are taken over, or left out
	BootstrapLive      BootstrapPhase = 4 // done: the partition is like any other
)

var bootstrapPhases = [...]string{BootstrapReading: "seeding", BootstrapReplaying: "replaying", BootstrapAdopting: "adopting", BootstrapLive: "live"}

// String returns the phase's name: seeding, replaying, adopting or live.
func (p BootstrapPhase) String() string {
	if p >= BootstrapReading && p <= BootstrapLive {
		return bootstrapPhases[p]
	}
	return "unknown"
}

// Bootstrap says how far the filling of one partition of a table's new generation has come.
// It is in the new generation's progress topic. Rows outside the table's where count
// as rows.
type Bootstrap struct {
	Partition int32
	Phase     BootstrapPhase
	Read      int64  // next offset of the old generation's changelog to be read
	ReadEnd   int64  // where that ended when it was last looked at
	From      int64  // source offset from which the new generation reads
	Source    int64  // next source offset to be processed
	Until     int64  // source offset at which the rows of the old generation are looked at; From when they are carried, the largest number where it is not known yet
	Old       int64  // rows that the old generation had at the cut
	Kept      int64  // of all its partitions, those kept beside the table's while the source is read again
	Carried   int64  // rows made from rows of the old generation, the source not being read again
	Adopted   int64  // rows taken over that the source did not mention
	Swept     int64  // rows left out that the source did not mention; of all partitions together, where rows have changed theirs
	Partial   int64  // adopted rows with a value that neither the old row nor its document has: it is unavailable
	Started   int64  // microseconds since the epoch
	Finished  int64  // the same, 0 until it is live
	Failed    string // why it cannot be filled as planned; empty when it can
}

// Live reports whether the partition is filled.
func (s *Bootstrap) Live() bool { return s.Phase == BootstrapLive }

// AppendBootstrapKey appends the key of a partition's record: an s and four bytes, big endian.
func AppendBootstrapKey(dst []byte, partition int32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, 's'), uint32(partition))
}

// IsBootstrapKey reports whether a record of the progress topic with this key is a seed record.
func IsBootstrapKey(key []byte) bool { return len(key) == 5 && key[0] == 's' }

// AppendBootstrap appends the record of s to dst.
func AppendBootstrap(dst []byte, s Bootstrap) []byte {
	dst = append(dst, bootstrapVersion, byte(s.Phase))
	for _, v := range []int64{
		int64(s.Partition), s.Read, s.ReadEnd, s.From, s.Source, s.Until, s.Old, s.Kept, s.Carried, s.Adopted, s.Swept, s.Partial, s.Started, s.Finished,
	} {
		dst = binary.AppendVarint(dst, v)
	}
	dst = binary.AppendUvarint(dst, uint64(len(s.Failed)))
	return append(dst, s.Failed...)
}

// ParseBootstrap reads a seed record.
func ParseBootstrap(b []byte) (Bootstrap, error) {
	r := reader{b: b}
	r.version(bootstrapVersion)
	s := Bootstrap{Phase: BootstrapPhase(r.byte()), Partition: int32(r.varint())}
	for _, v := range []*int64{
		&s.Read, &s.ReadEnd, &s.From, &s.Source, &s.Until, &s.Old, &s.Kept, &s.Carried, &s.Adopted, &s.Swept, &s.Partial, &s.Started, &s.Finished,
	} {
		*v = r.varint()
	}
	s.Failed = string(r.take(r.uvarint()))
	if err := r.end(); err != nil || s.Phase < BootstrapReading || s.Phase > BootstrapLive {
		return Bootstrap{}, fmt.Errorf("seed record: %w", ErrCorrupt)
	}
	return s, nil
}
