package wire

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/codecs"
)

// OriginName is the header that every record of a topic by decoded keys has beside
// those of the source's record: where that one was, and under which key.
const OriginName = "tidemark.origin"

const originVersion = 1

// Origin is that header.
type Origin struct {
	Partition int32  // of the source topic
	Offset    int64  // in it
	Time      int64  // the source record's timestamp, milliseconds since the epoch
	Key       []byte // the source record's key, nil for none
	// Alone says that the source topic had one partition: then whatever is before
	// this record was before it in the source, too.
	Alone bool
	// NewKey is set where the record is the deletion that a change of key begins with.
	NewKey []byte
	// Omitted is the number of bytes of a record that is too large for any of ours: it
	// is there without value and headers.
	Omitted int64
}

// The bits of an origin's flags.
const (
	originKeyed = 1 << iota
	originAlone
	originMoved
	originOmitted
)

// AppendOrigin appends the bytes of o to dst.
func AppendOrigin(dst []byte, o Origin) []byte {
	var flags byte
	if o.Key != nil {
		flags |= originKeyed
	}
	if o.Alone {
		flags |= originAlone
	}
	if o.NewKey != nil {
		flags |= originMoved
	}
	if o.Omitted > 0 {
		flags |= originOmitted
	}
	dst = append(dst, originVersion, flags)
	dst = binary.AppendVarint(dst, int64(o.Partition))
	dst = binary.AppendVarint(dst, o.Offset)
	dst = binary.AppendVarint(dst, o.Time)
	for _, b := range [][]byte{o.Key, o.NewKey} {
		if b != nil {
			dst = binary.AppendUvarint(dst, uint64(len(b)))
			dst = append(dst, b...)
		}
	}
	if o.Omitted > 0 {
		dst = binary.AppendUvarint(dst, uint64(o.Omitted))
	}
	return dst
}

// ParseOrigin reads an origin, whose keys alias b.
func ParseOrigin(b []byte) (Origin, error) {
	r := reader{b: b}
	r.version(originVersion)
	flags := r.byte()
	o := Origin{
		Partition: int32(r.varint()), Offset: r.varint(), Time: r.varint(), Alone: flags&originAlone != 0,
	}
	if flags&originKeyed != 0 {
		o.Key = r.take(r.uvarint())
	}
	if flags&originMoved != 0 {
		o.NewKey = r.take(r.uvarint())
	}
	if flags&originOmitted != 0 {
		o.Omitted = int64(r.uvarint())
	}
	if err := r.end(); err != nil || flags > originKeyed|originAlone|originMoved|originOmitted {
		return Origin{}, fmt.Errorf("origin of a record: %w", ErrCorrupt)
	}
	return o, nil
}

// Restore makes a record of a topic by decoded keys what it was in the source topic,
// and returns its origin. An error is an *Error; the record is as far restored as can be.
func Restore(r *codecs.Record, source string) (Origin, error) {
	at := len(r.Headers) - 1 // ours comes last, whatever the source's are called
	if at < 0 || r.Headers[at].Name != OriginName {
		return Origin{}, &codecs.Error{Field: "header " + OriginName, Reason: "there is none, so the record was not written by a processor"}
	}
	o, err := ParseOrigin(r.Headers[at].Value)
	if err != nil {
		return Origin{}, &codecs.Error{Field: "header " + OriginName, Reason: err.Error()}
	}
	r.Topic, r.Partition, r.Offset, r.Time, r.Key = source, o.Partition, o.Offset, time.UnixMilli(o.Time), o.Key
	r.Headers = r.Headers[:at]
	if o.NewKey != nil {
		r.Headers = append(r.Headers, codecs.Header{Name: codecs.NewKeyHeader, Value: o.NewKey})
	}
	if o.Omitted > 0 {
		return o, &codecs.Error{Field: "record", Reason: fmt.Sprintf("it takes %d bytes, more than a topic by keys accepts", o.Omitted)}
	}
	return o, nil
}

// Repartitioned says how far a partition of the source topic is in the topic by decoded
// keys: everything before Source is in there before Keyed.
type Repartitioned struct {
	Partition int32
	Source    int64   // next offset of the source partition to be read
	Keyed     []int64 // per partition of the topic by keys, the next offset behind what was written
	Clock     int64   // when this was written, microseconds since the epoch
}

const repartitionedVersion = 1

// AppendRepartitioned appends the record of p to dst. Its key is that of a progress record.
func AppendRepartitioned(dst []byte, p Repartitioned) []byte {
	dst = append(dst, repartitionedVersion)
	dst = binary.AppendVarint(dst, int64(p.Partition))
	dst = binary.AppendVarint(dst, p.Source)
	dst = binary.AppendVarint(dst, p.Clock)
	dst = binary.AppendUvarint(dst, uint64(len(p.Keyed)))
	for _, o := range p.Keyed {
		dst = binary.AppendUvarint(dst, uint64(o))
	}
	return dst
}

// ParseRepartitioned reads such a record.
func ParseRepartitioned(b []byte) (Repartitioned, error) {
	r := reader{b: b}
	r.version(repartitionedVersion)
	p := Repartitioned{Partition: int32(r.varint()), Source: r.varint(), Clock: r.varint()}
	n := r.uvarint()
	if n > uint64(len(r.b)) || p.Partition < 0 {
		return Repartitioned{}, fmt.Errorf("record of what is repartitioned: %w", ErrCorrupt)
	}
	p.Keyed = make([]int64, n)
	for i := range p.Keyed {
		p.Keyed[i] = int64(r.uvarint())
	}
	if err := r.end(); err != nil {
		return Repartitioned{}, fmt.Errorf("record of what is repartitioned: %w", err)
	}
	return p, nil
}

// KeyedIDName is the header of these records with the id of the topic by keys that
// their offsets are of; SourceIDName has the source's.
const KeyedIDName = "keyed"
