package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

const (
	deletionVersion = 1

	deletionSnapshot = 1 << 0
	deletionTruncate = 1 << 1
	deletionPlace    = 1 << 2
	deletionHidden   = 1 << 3
	deletionGivenUp  = 1 << 4
	deletionsKnown   = 1<<5 - 1
)

// The headers that a tombstone of the changelog carries beside its stamp.
const (
	// DeletionName is on every tombstone: a Deletion.
	DeletionName = "d"
	// ImageName is on the tombstone of a row whose primary key changed: its last state row.
	ImageName = "i"
)

// Deletion is what a tombstone says of the event that it comes from. It outlives
// the row: an event that is sent twice, or a dead letter that is tried again, must
// not bring a deleted row back.
type Deletion struct {
	Read   int64 // the time of the source topic's record, microseconds since the epoch
	Time   int64 // the database's, microseconds since the epoch
	Source tables.SourcePosition
	NewKey tables.Key // of the row that continues after a change of primary key
	// Truncate says that a truncate removed the row: the one at this offset of this
	// partition of the source topic.
	Truncate  bool
	Partition int32
	Offset    int64
	// Logged and SourcePartition are a change's of the same names.
	Logged          int64
	SourcePartition int32
	// Hidden says that the row is there, outside the table's where. In the snapshot topic
	// alone: the changelog has the row.
	Hidden bool
	// GivenUp says that the database has deleted nothing: another partition has a later
	// change of the key, and this one gives its old row up. Position, times and home are that
	// change's; a batch leaves them out.
	GivenUp bool
}

// Precedence returns the precedence of the deletion.
func (d *Deletion) Precedence() tables.Precedence {
	return tables.Precedence{Source: d.Source, Time: d.Time, Logged: d.Logged}
}

// IsGivenUp reports whether a tombstone only gives a row up that another partition has
// something later of, without reading the rest.
func IsGivenUp(header []byte) bool {
	return len(header) > 1 && header[0] == deletionVersion && header[1]&deletionGivenUp != 0
}

// AppendDeletion appends the bytes of d to dst.
func AppendDeletion(dst []byte, d *Deletion) []byte {
	var flags byte
	if d.Source.Snapshot {
		flags |= deletionSnapshot
	}
	if d.Truncate {
		flags |= deletionTruncate
	}
	place := d.Source.Epoch != 0 || d.Logged != 0 || d.SourcePartition != 0
	if place {
		flags |= deletionPlace
	}
	if d.Hidden {
		flags |= deletionHidden
	}
	if d.GivenUp {
		flags |= deletionGivenUp
	}
	dst = append(dst, deletionVersion, flags)
	dst = binary.AppendVarint(dst, d.Read)
	dst = binary.AppendVarint(dst, d.Time)
	dst = appendSource(dst, d.Source)
	if place {
		dst = appendEpoch(dst, d.Source)
		dst = binary.AppendUvarint(dst, uint64(d.SourcePartition))
		dst = appendLogged(dst, d.Time, d.Logged)
	}
	if d.Truncate {
		dst = binary.AppendVarint(dst, int64(d.Partition))
		dst = binary.AppendVarint(dst, d.Offset)
	}
	return append(dst, d.NewKey...)
}

// ParseDeletion reads a deletion.
func ParseDeletion(b []byte) (Deletion, error) {
	r := reader{b: b}
	r.version(deletionVersion)
	flags := r.byte()
	d := Deletion{
		Read: r.varint(), Time: r.varint(), Truncate: flags&deletionTruncate != 0, Hidden: flags&deletionHidden != 0,
		GivenUp: flags&deletionGivenUp != 0,
	}
	d.Source = r.source(flags&deletionSnapshot != 0)
	if flags&deletionPlace != 0 {
		r.epoch(&d.Source)
		d.SourcePartition = int32(r.uvarint())
		d.Logged = r.logged(d.Time)
	}
	if d.Truncate {
		d.Partition, d.Offset = int32(r.varint()), r.varint()
	}
	d.NewKey = tables.Key(r.take(uint64(len(r.b))))
	if err := r.end(); err != nil || flags > deletionsKnown {
		return Deletion{}, fmt.Errorf("deletion: %w", ErrCorrupt)
	}
	return d, nil
}
