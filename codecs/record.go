package codecs

import (
	"time"
)

// Header is one header of a record.
type Header struct {
	Name  string
	Value []byte
}

// NewKeyHeader is the header by which a delete says which key takes the place of its own.
const NewKeyHeader = "__debezium.newkey"

// Record is one record of a source topic.
type Record struct {
	Topic     string
	Partition int32
	Offset    int64
	Time      time.Time
	Key       []byte
	Value     []byte // nil for a Kafka null
	Headers   []Header
}
