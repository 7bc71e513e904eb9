package processors

import (
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The headers that a dead letter has beside its own.
const (
	DeadError     = "tidemark.error"
	DeadField     = "tidemark.field"
	DeadTopic     = "tidemark.topic"
	DeadPartition = "tidemark.partition"
	DeadOffset    = "tidemark.offset"
	DeadTime      = "tidemark.timestamp" // milliseconds since the epoch
	DeadTable     = "tidemark.table"
	// DeadOmitted is the number of bytes of a value that does not fit into any of our
	// records. The value is where topic, partition and offset say.
	DeadOmitted = "tidemark.omitted"
	// DeadKeyedOffset is the record's offset in the topic by decoded keys, in the
	// partition of the dead letter's number, where the table has such a topic.
	DeadKeyedOffset = "tidemark.keyed_offset"
)

// The headers of an answer in the same topic: what has become of a dead letter that
// was to be retried or dropped. Such a record has neither key nor value.
const (
	DeadResolves = "tidemark.resolves" // the dead letter's offset in its topic
	DeadResult   = "tidemark.result"   // see LetterApplied and the others
	DeadRequest  = "tidemark.request"  // the request's id
)

// deadLetter writes the source record as it was read, with the reason, to the
// partition of the same number. done is told of the acknowledgement: the record is
// not committed before.
func (r *run) deadLetter(e *entry, done func(error)) {
	r.metrics.deadLetters.Inc()
	r.logger.Warn("record sent to the dead letters", "offset", e.offset, "field", e.field, "reason", e.reason)
	rec := kgo.Record{
		Topic: r.names.DeadLetters, Partition: r.partition,
		Key: e.raw.Key, Value: e.raw.Value, Timestamp: r.opts.Clock(),
	}
	size := len(rec.Key) + len(rec.Value) + recordRoom
	for _, h := range e.raw.Headers {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h.Name, Value: h.Value})
		size += len(h.Name) + len(h.Value)
	}
	add := func(name, value string) {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
		size += len(name) + len(value)
	}
	add(DeadError, e.field+": "+e.reason)
	add(DeadField, e.field)
	add(DeadTopic, e.raw.Topic)
	add(DeadPartition, strconv.Itoa(int(e.raw.Partition)))
	add(DeadOffset, strconv.FormatInt(e.raw.Offset, 10))
	if r.stage != nil {
		add(DeadKeyedOffset, strconv.FormatInt(e.offset, 10))
	}
	add(DeadTime, strconv.FormatInt(e.raw.Time.UnixMilli(), 10))
	add(DeadTable, r.opts.Table.Name)
	if size > r.opts.Kafka.MaxRecordBytes() {
		add(DeadOmitted, strconv.Itoa(len(rec.Value)))
		rec.Value = nil
	}
	r.rows.Send(rec, done)
}
