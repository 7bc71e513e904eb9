package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

// Progress says how far a processor has come in one partition: every change
// before Source is in the changelog before Changelog.
type Progress struct {
	Partition  int32
	Source     int64 // next offset of the source topic to be processed
	Changelog  int64 // next offset of the changelog after what was acknowledged
	Clock      int64 // when this was written, microseconds since the epoch
	Generation uint32
	Position   tables.SourcePosition // the highest seen in this partition
}

// AppendProgressKey appends the key of a partition's progress: four bytes, big endian.
func AppendProgressKey(dst []byte, partition int32) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(partition))
}

// AppendProgress appends the record of p to dst.
func AppendProgress(dst []byte, p Progress) []byte {
	dst = append(dst, progressVersion)
	for _, v := range []int64{int64(p.Partition), p.Source, p.Changelog, p.Clock} {
		dst = binary.AppendVarint(dst, v)
	}
	dst = binary.BigEndian.AppendUint32(dst, p.Generation)
	return appendSource(dst, p.Position)
}

// ParseProgress reads a progress record.
func ParseProgress(b []byte) (Progress, error) {
	r := reader{b: b}
	r.version(progressVersion)
	p := Progress{Partition: int32(r.varint()), Source: r.varint(), Changelog: r.varint(), Clock: r.varint()}
	p.Generation = r.fixed32()
	p.Position = r.source(false)
	if err := r.end(); err != nil {
		return Progress{}, fmt.Errorf("progress record: %w", err)
	}
	return p, nil
}

// The headers of progress records and manifests that say which topics their
// offsets are of: a topic's id, sixteen bytes. A record about another topic than
// the one that is there now says nothing of it.
const (
	SourceIDName    = "source"
	ChangelogIDName = "changelog"
)

// StampName is the name of the header that every changelog record carries.
const StampName = "t"

// Stamp is that header: which source record a changelog record comes from and
// who wrote it. Thirteen bytes: offset 8, generation 4, instance 1, big endian.
type Stamp struct {
	Offset     int64 // of the source record
	Generation uint32
	Instance   uint8
}

// AppendStamp appends the bytes of s to dst.
func AppendStamp(dst []byte, s Stamp) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(s.Offset))
	dst = binary.BigEndian.AppendUint32(dst, s.Generation)
	return append(dst, s.Instance)
}

// ParseStamp reads a stamp.
func ParseStamp(b []byte) (Stamp, error) {
	r := reader{b: b}
	s := Stamp{Offset: int64(r.fixed64()), Generation: r.fixed32(), Instance: r.byte()}
	if err := r.end(); err != nil {
		return Stamp{}, fmt.Errorf("stamp: %w", err)
	}
	return s, nil
}
