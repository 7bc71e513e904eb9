package state

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/syndtr/goleveldb/leveldb"

	"github.com/tidemark/tidemark/tables"
)

// progress is how far the state is: it reaches the disk with every batch of writes. What is
// not atomic is guarded by the disk's lock.
type progress struct {
	position atomic.Int64 // last changelog offset that the rows include
	applied  atomic.Int64 // highest source offset applied
	onDisk   int64        // the position that was last written
	streamed Origin       // the highest position and the latest time of streamed events
}

// load reads it; now is the time of rows from before any was kept.
func (p *progress) load(d *disk, now time.Time) error {
	position, err := d.int(metaPosition)
	if err != nil {
		return err
	}
	applied, err := d.int(metaApplied)
	if err != nil {
		return err
	}
	p.position.Store(position)
	p.applied.Store(applied)
	p.onDisk = position
	b, err := d.record(metaStreamed)
	if err == nil && b != nil {
		p.streamed, err = parseOrigin(b)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", metaStreamed, err)
	}
	if p.streamed.Latest == 0 && position != Unknown {
		p.streamed.Latest = now.UnixMicro()
	}
	return nil
}

// raise notes what was applied.
func (p *progress) raise(from *Origin) {
	if from.Offset > p.applied.Load() {
		p.applied.Store(from.Offset)
	}
	p.streamed.raise(from)
}

// put adds it to a batch that is about to be written, at a position that was read before.
func (p *progress) put(b *leveldb.Batch, position int64) {
	if position != Unknown {
		b.Put([]byte(metaPosition), appendInt(nil, position))
	}
	b.Put([]byte(metaApplied), appendInt(nil, p.applied.Load()))
	if p.streamed.Source.Known() || p.streamed.Latest != 0 {
		b.Put([]byte(metaStreamed), p.streamed.append(nil))
	}
}

// Origin is where a row or a deletion comes from.
type Origin struct {
	Offset int64 // of the source record
	// Source and Time are the event's, when it was streamed.
	Source tables.SourcePosition
	Time   int64
	// Latest is the event's time, streamed or not.
	Latest int64
	// Mixed is set in the highest one only: there were positions of several epochs.
	Mixed bool
}

// raise takes an origin into the highest position and the latest time.
func (o *Origin) raise(with *Origin) {
	o.Latest = max(o.Latest, with.Latest)
	if !with.Source.Known() || with.Source.Snapshot {
		return
	}
	o.Time = max(o.Time, with.Time)
	order, ordered := o.Source.Order(with.Source)
	o.Mixed = o.Mixed || o.Source.Epoch != 0 && !ordered
	if !ordered || order < 0 {
		o.Source = with.Source
	}
}

func (o *Origin) append(dst []byte) []byte {
	dst = append(dst, byte(o.Source.Kind))
	for _, v := range []uint64{o.Source.Major, o.Source.Minor, uint64(o.Source.Sub)} {
		dst = binary.AppendUvarint(dst, v)
	}
	dst = binary.AppendVarint(dst, o.Time)
	dst = binary.BigEndian.AppendUint32(dst, o.Source.Epoch) // from here on not in older ones
	dst = binary.AppendUvarint(dst, o.Source.Serial)
	dst = binary.AppendVarint(dst, o.Latest)
	if o.Mixed {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func parseOrigin(b []byte) (Origin, error) {
	var o Origin
	if len(b) == 0 {
		return o, fmt.Errorf("highest position: %w", ErrCorrupt)
	}
	o.Source.Kind, b = tables.SourceKind(b[0]), b[1:]
	var sub uint64
	for _, v := range []*uint64{&o.Source.Major, &o.Source.Minor, &sub} {
		n := 0
		if *v, n = binary.Uvarint(b); n <= 0 {
			return o, fmt.Errorf("highest position: %w", ErrCorrupt)
		}
		b = b[n:]
	}
	o.Source.Sub = uint32(sub)
	n := 0
	if o.Time, n = binary.Varint(b); n <= 0 {
		return o, fmt.Errorf("highest position: %w", ErrCorrupt)
	}
	if b = b[n:]; len(b) == 0 { // written before there were epochs
		return o, nil
	}
	return o, o.parseEpoch(b)
}

func (o *Origin) parseEpoch(b []byte) error {
	bad := fmt.Errorf("highest position: %w", ErrCorrupt)
	if len(b) < 4 {
		return bad
	}
	o.Source.Epoch, b = binary.BigEndian.Uint32(b), b[4:]
	n := 0
	if o.Source.Serial, n = binary.Uvarint(b); n <= 0 {
		return bad
	}
	b = b[n:]
	if o.Latest, n = binary.Varint(b); n <= 0 || len(b) != n+1 {
		return bad
	}
	o.Mixed = b[n] != 0
	return nil
}
