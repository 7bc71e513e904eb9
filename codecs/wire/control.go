package wire

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
	// BeforeImageWanted asks for the last row of a key whose primary key changed: its
	// successor is in another partition and lacks values.
	BeforeImageWanted ControlKind = 4
	BeforeImageFound  ControlKind = 5 // to the partition that has asked: the row
	BeforeImageNone   ControlKind = 6 // to the partition that has asked: there is none here
	// DeadLetters asks the partition to deal with dead letters of its own.
	DeadLetters ControlKind = 7
	// GiveUp asks the partition to give up rows of which another one has a later change.
	GiveUp ControlKind = 8
)

// Control is a record of the batch topic. A barrier is in every partition once,
// a truncate in every other partition than its own.
type Control struct {
	Kind    ControlKind
	Batch   uint64 // Barrier: the batch's id. GiveUp: the newest batch of the partition that asks
	Started int64  // microseconds since the epoch
	Trigger string // Barrier: schedule, delta or demand
	// Truncate: where the event was. Truncated: its offset, and the partition that is done.
	Partition int32 // of the source topic
	Offset    int64
	Time      int64 // of the event, microseconds since the epoch
	Source    tables.SourcePosition
	// BeforeImageWanted: the place of the change that asks, and its keys. BeforeImageFound and
	// BeforeImageNone: the same, Partition being the one that answers. GiveUp: the one that asks.
	OldKey, NewKey tables.Key
	// BeforeImageFound: the state row. DeadLetters: what is asked, see DeadLetterRequest. GiveUp: Outruns.
	Body string
	// BeforeImageNone: the deletion was met, and there was no row.
	Final bool
}

// hasKeys reports whether records of the kind have the parts that came with them.
func (k ControlKind) hasKeys() bool { return k >= BeforeImageWanted }

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
	dst = appendSource(dst, c.Source)
	if !c.Kind.hasKeys() {
		return dst
	}
	for _, s := range []string{string(c.OldKey), string(c.NewKey)} {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
		dst = append(dst, s...)
	}
	if c.Final {
		dst = append(dst, 1)
	} else {
		dst = append(dst, 0)
	}
	return append(dst, c.Body...)
}

// ParseControl reads a control record.
func ParseControl(b []byte) (Control, error) {
	r := reader{b: b}
	r.version(controlVersion)
	c := Control{Kind: ControlKind(r.byte()), Batch: r.uvarint(), Started: r.varint()}
	c.Trigger = string(r.take(r.uvarint()))
	c.Partition, c.Offset, c.Time = int32(r.varint()), r.varint(), r.varint()
	c.Source = r.source(r.byte() == 1)
	if c.Kind.hasKeys() {
		c.OldKey, c.NewKey = tables.Key(r.take(r.uvarint())), tables.Key(r.take(r.uvarint()))
		c.Final = r.byte() == 1
		c.Body = string(r.take(uint64(len(r.b))))
	}
	if err := r.end(); err != nil || c.Kind < Barrier || c.Kind > GiveUp {
		return Control{}, fmt.Errorf("control record: %w", ErrCorrupt)
	}
	return c, nil
}
