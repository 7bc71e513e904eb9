package deadletter

import (
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/wire"
)

// Entry is a record of the dead letters' topic: a dead letter, or an answer to a request about one.
type Entry struct {
	Partition int32 // of the dead letters' topic
	Place     int64 // its offset there
	Written   time.Time
	// Of the record as it was read from the source.
	Topic           string
	SourcePartition int32
	Offset          int64
	KeyedOffset     int64 // in the topic by decoded keys, in the dead letter's partition; -1 where there is no such topic
	Time            time.Time
	Field           string
	Error           string
	Omitted         int // bytes of a value that was left out, being too large: it is in the source topic only
	Key             []byte
	Value           []byte
	Headers         []codecs.Header // the record's own

	// Of an answer to a request, and of no dead letter:
	Resolves int64 // the dead letter that it is about, or -1
	Result   string
	Request  string
}

// Parse reads a record of the dead letters' topic.
func Parse(rec *kgo.Record) Entry {
	d := Entry{
		Partition: rec.Partition, Place: rec.Offset, Written: rec.Timestamp, Key: rec.Key, Value: rec.Value, Resolves: -1, KeyedOffset: -1,
	}
	number := func(b []byte) int64 {
		n, err := strconv.ParseInt(string(b), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	for _, h := range rec.Headers {
		switch h.Key {
		case HeaderError:
			d.Error = string(h.Value)
		case HeaderField:
			d.Field = string(h.Value)
		case HeaderTopic:
			d.Topic = string(h.Value)
		case HeaderPartition:
			d.SourcePartition = int32(number(h.Value))
		case HeaderOffset:
			d.Offset = number(h.Value)
		case HeaderTime:
			d.Time = time.UnixMilli(number(h.Value)).UTC()
		case HeaderOmitted:
			d.Omitted = int(number(h.Value))
		case HeaderResolves:
			d.Resolves = number(h.Value)
		case HeaderResult:
			d.Result = string(h.Value)
		case HeaderRequest:
			d.Request = string(h.Value)
		case HeaderKeyedOffset:
			d.KeyedOffset = number(h.Value)
		case HeaderTable:
		default:
			d.Headers = append(d.Headers, codecs.Header{Name: h.Key, Value: h.Value})
		}
	}
	return d
}

// repartitioned is the record of the topic by decoded keys.
func (d *Entry) repartitioned(topic string, rec *kgo.Record) *kgo.Record {
	o := d.original(rec)
	origin := wire.Origin{
		Partition: d.SourcePartition, Offset: d.Offset, Time: d.Time.UnixMilli(), Key: rec.Key,
	}
	o.Topic, o.Partition, o.Offset = topic, rec.Partition, d.KeyedOffset
	o.Headers = append(o.Headers, kgo.RecordHeader{Key: wire.OriginName, Value: wire.AppendOrigin(nil, origin)})
	return o
}

// original is the source's record.
func (d *Entry) original(rec *kgo.Record) *kgo.Record {
	o := &kgo.Record{
		Topic: d.Topic, Partition: d.SourcePartition, Offset: d.Offset, Timestamp: d.Time, Key: rec.Key, Value: rec.Value,
	}
	for _, h := range d.Headers {
		o.Headers = append(o.Headers, kgo.RecordHeader{Key: h.Name, Value: h.Value})
	}
	return o
}
