package codecs

import (
	"encoding/binary"
	"fmt"
)

const seedVersion = 1

// SeedPhase says what the filling of a partition is doing.
type SeedPhase uint8

// The phases of the filling of a partition, in their order; which of them there are
// depends on the plan.
const (
	SeedReading   SeedPhase = 1 // the old generation's rows are read
	SeedReplaying SeedPhase = 2 // the source is read again
	SeedAdopting  SeedPhase = 3 // rows that the source told nothing of are taken over, or left out
	SeedLive      SeedPhase = 4 // done: the partition is like any other
)

var seedPhases = [...]string{SeedReading: "seeding", SeedReplaying: "replaying", SeedAdopting: "adopting", SeedLive: "live"}

// String returns the phase's name: seeding, replaying, adopting or live.
func (p SeedPhase) String() string {
	if p >= SeedReading && p <= SeedLive {
		return seedPhases[p]
	}
	return "unknown"
}

// Seed says how far the filling of one partition of a table's new generation has come.
// It stands in the new generation's progress topic. Rows outside the table's where count
// as rows.
type Seed struct {
	Partition int32
	Phase     SeedPhase
	Read      int64  // next offset of the old generation's changelog to be read
	ReadEnd   int64  // where that ended when it was last looked at
	From      int64  // source offset from which the new generation reads
	Source    int64  // next source offset to be processed
	Until     int64  // source offset at which the rows of the old generation are looked at; From when they are carried, the largest number where it is not known yet
	Old       int64  // rows that the old generation had at the cut
	Kept      int64  // of all its partitions, those kept beside the table's while the source is read again
	Carried   int64  // rows made from rows of the old generation, the source not being read again
	Adopted   int64  // rows taken over that the source told nothing of
	Swept     int64  // rows left out that the source told nothing of; of all partitions together, where rows have changed theirs
	Partial   int64  // adopted rows with a value that neither the old row nor its document told: it is unavailable
	Started   int64  // microseconds since the epoch
	Finished  int64  // the same, 0 until it is live
	Failed    string // why it cannot be filled as planned; empty when it can
}

// Live reports whether the partition is filled.
func (s *Seed) Live() bool { return s.Phase == SeedLive }

// AppendSeedKey appends the key of a partition's seed record: an s and four bytes, big endian.
func AppendSeedKey(dst []byte, partition int32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, 's'), uint32(partition))
}

// IsSeedKey reports whether a record of the progress topic with this key is a seed record.
func IsSeedKey(key []byte) bool { return len(key) == 5 && key[0] == 's' }

// AppendSeed appends the record of s to dst.
func AppendSeed(dst []byte, s Seed) []byte {
	dst = append(dst, seedVersion, byte(s.Phase))
	for _, v := range []int64{
		int64(s.Partition), s.Read, s.ReadEnd, s.From, s.Source, s.Until, s.Old, s.Kept, s.Carried, s.Adopted, s.Swept, s.Partial, s.Started, s.Finished,
	} {
		dst = binary.AppendVarint(dst, v)
	}
	dst = binary.AppendUvarint(dst, uint64(len(s.Failed)))
	return append(dst, s.Failed...)
}

// ParseSeed reads a seed record.
func ParseSeed(b []byte) (Seed, error) {
	r := reader{b: b}
	r.version(seedVersion)
	s := Seed{Phase: SeedPhase(r.byte()), Partition: int32(r.varint())}
	for _, v := range []*int64{
		&s.Read, &s.ReadEnd, &s.From, &s.Source, &s.Until, &s.Old, &s.Kept, &s.Carried, &s.Adopted, &s.Swept, &s.Partial, &s.Started, &s.Finished,
	} {
		*v = r.varint()
	}
	s.Failed = string(r.take(r.uvarint()))
	if err := r.end(); err != nil || s.Phase < SeedReading || s.Phase > SeedLive {
		return Seed{}, fmt.Errorf("seed record: %w", ErrCorrupt)
	}
	return s, nil
}
