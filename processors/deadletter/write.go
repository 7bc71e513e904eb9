package deadletter

import (
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
)

// recordRoom is what a record needs around its key and value, headers included.
const recordRoom = 256

// Refusal is a record of the source that cannot be used.
type Refusal struct {
	Raw    *codecs.Record // as it was read
	Field  string         // that cannot be used
	Reason string         // why
	// KeyedOffset is its offset in the topic by decoded keys; -1 where there is no such topic.
	KeyedOffset int64
}

// Record is the dead letter of a record: that as it was read, with the reason, for the
// partition of the same number. A value that does not fit is left out.
func Record(r *Refusal, topic string, partition int32, table string, maxBytes int, now time.Time) kgo.Record {
	rec := kgo.Record{Topic: topic, Partition: partition, Key: r.Raw.Key, Value: r.Raw.Value, Timestamp: now}
	size := len(rec.Key) + len(rec.Value) + recordRoom
	for _, h := range r.Raw.Headers {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h.Name, Value: h.Value})
		size += len(h.Name) + len(h.Value)
	}
	add := func(name, value string) {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
		size += len(name) + len(value)
	}
	add(HeaderError, r.Field+": "+r.Reason)
	add(HeaderField, r.Field)
	add(HeaderTopic, r.Raw.Topic)
	add(HeaderPartition, strconv.Itoa(int(r.Raw.Partition)))
	add(HeaderOffset, strconv.FormatInt(r.Raw.Offset, 10))
	if r.KeyedOffset >= 0 {
		add(HeaderKeyedOffset, strconv.FormatInt(r.KeyedOffset, 10))
	}
	add(HeaderTime, strconv.FormatInt(r.Raw.Time.UnixMilli(), 10))
	add(HeaderTable, table)
	if size > maxBytes {
		add(HeaderOmitted, strconv.Itoa(len(rec.Value)))
		rec.Value = nil
	}
	return rec
}
