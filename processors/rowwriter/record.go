package rowwriter

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
)

// Record is a record of the changelog.
type Record struct {
	Key    string
	Value  []byte // the state row; nil for a tombstone
	Offset int64  // of the source record that it comes from
	// Says and BeforeImage are a tombstone's: the deletion as it is written, and the last row.
	Says, BeforeImage []byte
}

// outgoing is a changelog record on its way: one allocation.
type outgoing struct {
	rec  kgo.Record
	hdrs [1]kgo.RecordHeader
}

// Append writes a record of what the state has already.
func (w *Writer) Append(r Record, ack func(error)) {
	if err := w.log.begin(); err != nil {
		ack(err)
		return
	}
	stamp := w.opts.Stamp
	stamp.Offset = r.Offset
	buf := append(w.Room(len(r.Key)+stampBytes), r.Key...)
	buf = w.Keep(wire.AppendStamp(buf, stamp))
	n := len(r.Key)
	o := &outgoing{}
	o.hdrs[0] = kgo.RecordHeader{Key: wire.StampName, Value: buf[n:]}
	o.rec = kgo.Record{Topic: w.opts.Topic, Partition: w.opts.Partition, Key: buf[:n:n], Value: r.Value, Headers: o.hdrs[:]}
	if r.Value == nil && r.Says != nil {
		o.add(wire.DeletionName, r.Says)
		if r.BeforeImage != nil {
			o.add(wire.ImageName, r.BeforeImage)
		}
	}
	source := r.Offset
	if source < w.whole {
		o.add(wire.WholeName, wire.AppendWhole(nil, w.whole))
	}
	w.opts.Producer.Send(&o.rec, func(rec *kgo.Record, err error) { ack(w.log.ack(rec.Offset, source, err)) })
}

const stampBytes = 13

func (o *outgoing) add(name string, value []byte) {
	o.rec.Headers = append(o.rec.Headers, kgo.RecordHeader{Key: name, Value: value})
}

// Send writes a record of another topic of ours, after the changelog's first failure none.
// Its own failure is one.
func (w *Writer) Send(rec kgo.Record, ack func(error)) {
	if err := w.log.failure(); err != nil {
		ack(err)
		return
	}
	w.opts.Producer.Send(&rec, func(rec *kgo.Record, err error) {
		if err != nil {
			err = fmt.Errorf("write to %s/%d: %w", rec.Topic, rec.Partition, err)
			w.log.fail(err)
		}
		ack(err)
	})
}
