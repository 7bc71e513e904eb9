package repartition

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// room is what a record needs around its key, value and headers.
const room = 1 << 10

// route makes the records of the topic by keys of those of the source. It returns how
// many it took: fewer than there are where one cannot be decoded now, for the reason
// that it returns.
func (w *worker) route(in []*kgo.Record) (out []*kgo.Record, done int, wait error) {
	for _, r := range in {
		rec := recordOf(r)
		parts, err := w.splitter.Split(rec, w.parts[:0])
		w.parts = parts
		if err != nil {
			return out, done, err
		}
		switch after := w.before.then(r, parts); {
		case r.Offset < w.next: // copied before, and read once more for what follows it
		case after:
			w.o.Skipped(cdc.SkipTombstone)
		default:
			for i := range parts {
				out = w.send(out, r, &parts[i])
			}
		}
		clear(parts)
		w.next = max(w.next, r.Offset+1)
		done++
	}
	return out, done, nil
}

func recordOf(r *kgo.Record) *codecs.Record {
	out := &codecs.Record{
		Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Time: r.Timestamp, Key: r.Key, Value: r.Value,
	}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, codecs.Header{Name: h.Key, Value: h.Value})
	}
	return out
}

// send appends the records that a part becomes: none where it concerns no row, one in
// each partition where it concerns them all.
func (w *worker) send(out []*kgo.Record, r *kgo.Record, p *cdc.Part) []*kgo.Record {
	n := w.o.Keyed.Partitions
	switch {
	case p.Fault != nil:
		// Not addressable, so its partition only has to be the same each time: the processor
		// there finds the same fault and knows what to do with the record.
		home, keyed := kafka.PartitionOf(tables.PartitionMurmur2, r.Key, n)
		if !keyed {
			home = r.Partition % n
		}
		return append(out, w.copyOf(r, p, home))
	case p.Op == tables.Skip:
		w.o.Skipped(p.Reason)
		return out
	case p.Op == tables.Truncate:
		for home := range n {
			out = append(out, w.copyOf(r, p, home))
		}
		return out
	}
	home, _ := kafka.PartitionOf(tables.PartitionMurmur2, []byte(p.Key), n)
	return append(out, w.copyOf(r, p, home))
}

// copyOf makes the record of a part. Its timestamp is now: an old one would let the
// topic's retention remove it before it is read.
func (w *worker) copyOf(r *kgo.Record, p *cdc.Part, home int32) *kgo.Record {
	size, _ := w.size()
	o := wire.Origin{
		Partition: r.Partition, Offset: r.Offset, Time: r.Timestamp.UnixMilli(), Key: r.Key, Alone: size == 1, NewKey: p.NewKey,
	}
	out := &kgo.Record{
		Topic: w.o.Keyed.Name, Partition: home, Value: p.Value, Timestamp: w.o.Clock(),
		Headers: append([]kgo.RecordHeader(nil), r.Headers...),
	}
	if p.Key != "" {
		out.Key = []byte(p.Key)
	}
	bytes := len(p.Key) + 2*len(r.Key) + len(p.Value) + room
	for _, h := range r.Headers {
		bytes += len(h.Key) + len(h.Value)
	}
	if bytes > w.o.Kafka.MaxRecordBytes() {
		o.Omitted, out.Value, out.Headers = int64(bytes-room), nil, nil
		if len(r.Key) > room {
			o.Key = nil
		}
	}
	out.Headers = append(out.Headers, kgo.RecordHeader{Key: wire.OriginName, Value: wire.AppendOrigin(nil, o)})
	return out
}
