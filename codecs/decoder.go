package codecs

import (
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/codecs/datum"
	"github.com/tidemark/tidemark/tables"
)

// Header is one header of a record.
type Header struct {
	Name  string
	Value []byte
}

// newKeyHeader is the header by which a delete says which key takes the place of its own.
const newKeyHeader = "__debezium.newkey"

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

// Decoder turns the records of one table's source topic into changes. It is not
// safe for concurrent use: each partition has its own.
type Decoder interface {
	// Decode fills c from r, all of it; the slice of c's values is used again when
	// it is long enough, so whoever keeps the values of a change gives the next one
	// another slice. The change's document may alias the record's bytes; its values
	// and keys never do. An error for which errors.Is(err, ErrUnavailable) says
	// nothing of the record: it is to be decoded again later, and those behind it in its
	// partition wait. Any other is an *Error: the record goes to the dead letters.
	Decode(r *Record, c *tables.Change) error
}

// ErrUnavailable is what an error wraps when a record cannot be decoded now, because
// something that is needed for it is away: the schema registry.
var ErrUnavailable = errors.New("unavailable")

// ErrOtherKey is what an error wraps when the record's key has other fields than the
// table's, or none: no value of it is wrong.
var ErrOtherKey = errors.New("the record has another key than the table")

// Options are what a decoder needs beside its table.
type Options struct {
	Schemas Schemas // for Avro; other formats need none
}

// Schemas is where the schemas of Avro records come from: a registry.
type Schemas interface {
	// Schema returns the schema of an ID. The error wraps ErrUnavailable when that
	// cannot be known now; any other says that the ID has no schema that can be read.
	Schema(id datum.ID) (*datum.Schema, error)
}

// Error says why a record, or a part of one, could not be decoded.
type Error struct {
	Field  string // such as key, value, after.total
	Reason string // what was expected and what was found, the found text clipped
	Cause  error  // ErrUnavailable or ErrOtherKey, or nothing
}

// Error writes field and reason.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Reason) }

// Unwrap returns ErrUnavailable where the record is not at fault, and ErrOtherKey.
func (e *Error) Unwrap() error { return e.Cause }
