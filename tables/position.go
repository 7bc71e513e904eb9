package tables

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// MaxPartitions is the largest number of partitions of a topic that Tidemark accepts.
const MaxPartitions = 100_000

// Position is one offset per partition of a topic: the next offset that is not
// yet reflected. The index is the partition; partitions beyond the end are at 0.
type Position []int64

// At returns the offset of a partition.
func (p Position) At(partition int32) int64 {
	if int(partition) < len(p) && partition >= 0 {
		return p[partition]
	}
	return 0
}

// Set returns p with the partition's offset set, grown where needed.
func (p Position) Set(partition int32, offset int64) Position {
	for int(partition) >= len(p) {
		p = append(p, 0)
	}
	p[partition] = offset
	return p
}

// Clone returns a copy.
func (p Position) Clone() Position { return slices.Clone(p) }

// Reaches reports whether p is at or after q in every partition.
func (p Position) Reaches(q Position) bool {
	for i := range q {
		if p.At(int32(i)) < q[i] {
			return false
		}
	}
	return true
}

// String writes p as 0:1204,1:998.
func (p Position) String() string { return string(p.Append(nil)) }

// Append appends the text of p to dst.
func (p Position) Append(dst []byte) []byte {
	for i, o := range p {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(i), 10)
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, o, 10)
	}
	return dst
}

var errPosition = errors.New("a position is written as partition:offset,... such as 0:1204,1:998")

// ParsePosition reads the text form; partitions may be in any order and may be left out, but
// none may be twice.
func ParsePosition(s string) (Position, error) {
	var p Position
	given := map[uint64]bool{}
	for item := range strings.SplitSeq(s, ",") {
		ps, os, ok := strings.Cut(strings.TrimSpace(item), ":")
		part, err1 := strconv.ParseUint(ps, 10, 31)
		off, err2 := strconv.ParseInt(os, 10, 64)
		if !ok || err1 != nil || err2 != nil || off < 0 {
			return nil, fmt.Errorf("%q: %w", clip(item), errPosition)
		}
		if part >= MaxPartitions {
			return nil, fmt.Errorf("%q: a topic has at most %d partitions", clip(item), MaxPartitions)
		}
		if given[part] {
			return nil, fmt.Errorf("%q: the partition %d is given twice", clip(item), part)
		}
		given[part] = true
		p = p.Set(int32(part), off)
	}
	return p, nil
}
