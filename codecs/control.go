package codecs

import (
	"encoding/binary"
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

const controlVersion = 1

// ControlKind says what a record of the batch topic asks of a partition.
type ControlKind byte

// The kinds of control records.
const (
	Barrier          ControlKind = 1 // take a batch here
	TruncateControl  ControlKind = 2 // remove the rows positioned before it
	TruncatedControl ControlKind = 3 // to the truncate's own partition: it is done
)

// Control is a record of the batch topic. A barrier stands in every partition once,
// a truncate in every other partition than its own.
type Control struct {
	Kind    ControlKind
	Batch   uint64 // Barrier: the batch's id
	Started int64  // microseconds since the epoch
	Trigger string // Barrier: schedule, delta or demand
	// Truncate: where the event stood. Truncated: its offset, and the partition that is done.
	Partition int32 // of the source topic
	Offset    int64
	Time      int64 // of the event, microseconds since the epoch
	Source    tables.SourcePosition
}

// AppendControl appends the record of c to dst.
func AppendControl(dst []byte, c Control) []byte {
	dst = append(dst, controlVersion, byte(c.Kind))
	dst = binary.AppendUvarint(dst, c.Batch)
	dst = binary.AppendVarint(dst, c.Started)
	dst = binary.AppendUvarint(dst, uint64(len(c.Trigger)))
	dst = append(dst, c.Trigger...)
	dst = binary.AppendVarint(dst, int64(c.Partition))
	dst = binary.AppendVarint(dst, c.Offset)
	dst = binary.AppendVarint(dst, c.Time)
	if c.Source.Snapshot {
		dst = append(dst, 1)
	} else {
		dst = append(dst, 0)
	}
	return appendSource(dst, c.Source)
}

// ParseControl reads a control record.
func ParseControl(b []byte) (Control, error) {
	r := reader{b: b}
	r.version(controlVersion)
	c := Control{Kind: ControlKind(r.byte()), Batch: r.uvarint(), Started: r.varint()}
	c.Trigger = string(r.take(r.uvarint()))
	c.Partition, c.Offset, c.Time = int32(r.varint()), r.varint(), r.varint()
	c.Source = r.source(r.byte() == 1)
	if err := r.end(); err != nil || c.Kind < Barrier || c.Kind > TruncatedControl {
		return Control{}, fmt.Errorf("control record: %w", ErrCorrupt)
	}
	return c, nil
}
