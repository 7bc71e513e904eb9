package avro

import (
	"errors"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/datum"
	"github.com/tidemark/tidemark/tables"
)

// Headers that name the schemas of a record whose data have no name in front.
const (
	KeySchemaHeader   = "__key_schema_id"
	ValueSchemaHeader = "__value_schema_id"
)

// An Input reads Avro by the schema of its writer. It writes the parts that its
// decoder looks at as JSON, and finds what they mean in the schema.
type Input struct {
	field   string // key or value, for messages
	header  string
	schemas Schemas
	columns []tables.Column
	find    convert.Find
	want    *datum.Want
	keep    bool // what was written is kept: each record gets bytes of its own
	text    textInput
	known   []writerSchema // the newest use first
	buf     []byte
	size    int // of the last payload: the next is much like it
}

// maxKnown bounds the schemas of writers that are kept.
const maxKnown = 16

// writerSchema is what a decoder has to know of one schema.
type writerSchema struct {
	id       datum.ID
	plan     *datum.Plan
	meanings []convert.Meaning
}

// A textInput reads what is no Avro.
type textInput interface {
	Read(b []byte, headers []codecs.Header) (payload []byte, m []convert.Meaning, err *codecs.Error)
}

// NewKey makes the input of keys. A key that a string converter wrote beside an
// Avro value has no schema in front of it, and text is read as such.
func NewKey(columns []tables.Column, schemas Schemas, find convert.Find, text textInput) *Input {
	return &Input{
		field: "key", header: KeySchemaHeader, schemas: schemas, columns: columns, find: find,
		want: datum.Everything(), text: text,
	}
}

// NewValue makes the input of values, of which want says what is looked at. With
// keep each payload has bytes of its own.
func NewValue(columns []tables.Column, schemas Schemas, find convert.Find, want *datum.Want, keep bool) *Input {
	return &Input{
		field: "value", header: ValueSchemaHeader, schemas: schemas, columns: columns, find: find,
		want: want, keep: keep,
	}
}

func (in *Input) Read(b []byte, headers []codecs.Header) ([]byte, []convert.Meaning, *codecs.Error) {
	named := lastHeader(headers, in.header)
	if in.text != nil && len(named) == 0 && looksText(b) {
		return in.text.Read(b, nil)
	}
	id, data, reason := datum.Unframe(b, named)
	if reason != "" {
		return nil, nil, &codecs.Error{Field: in.field, Reason: reason}
	}
	s, err := in.schema(id)
	if err != nil {
		return nil, nil, err
	}
	dst := in.buf[:0]
	if in.keep {
		dst = make([]byte, 0, in.size+in.size/8)
	}
	payload, fault := s.plan.Append(dst, data)
	if fault != nil {
		return nil, nil, datumError(in.field, id, fault)
	}
	if in.size = len(payload); !in.keep {
		in.buf = keepBuffer(payload)
	}
	return payload, s.meanings, nil
}

// keepBuffer returns the buffer for the next record: not one that a single large record needed.
func keepBuffer(b []byte) []byte {
	const most = 1 << 20
	if cap(b) > most {
		return nil
	}
	return b
}

// schema returns what is known of the schema with the ID.
func (in *Input) schema(id datum.ID) (*writerSchema, *codecs.Error) {
	for i := range in.known {
		if in.known[i].id == id {
			if i > 0 {
				hit := in.known[i]
				copy(in.known[1:i+1], in.known[:i])
				in.known[0] = hit
			}
			return &in.known[0], nil
		}
	}
	schema, err := in.schemas.Schema(id)
	if err != nil {
		return nil, schemaError(in.field, id, err)
	}
	root := convert.FromAvro(schema.Root)
	if len(in.known) < maxKnown {
		in.known = append(in.known, writerSchema{})
	}
	copy(in.known[1:], in.known)
	in.known[0] = writerSchema{
		id: id, plan: schema.Plan(in.want),
		meanings: convert.Meanings(in.columns, func(c *tables.Column) *convert.Schema { return in.find(root, c) }),
	}
	return &in.known[0], nil
}

// schemaError says that a schema is not to be had, now or at all.
func schemaError(field string, id datum.ID, err error) *codecs.Error {
	e := &codecs.Error{Field: field, Reason: id.String() + ": " + err.Error()}
	if errors.Is(err, codecs.ErrUnavailable) {
		e.Cause = codecs.ErrUnavailable
	}
	return e
}

// datumError says what is wrong with a datum, and where.
func datumError(field string, id datum.ID, f *datum.Fault) *codecs.Error {
	return &codecs.Error{Field: strings.TrimSuffix(field+"."+f.Path, "."), Reason: id.String() + ": " + f.Reason}
}

// lastHeader returns the value of the last header with the name, or nil.
func lastHeader(headers []codecs.Header, name string) []byte {
	for i := len(headers) - 1; i >= 0; i-- {
		if headers[i].Name == name {
			return headers[i].Value
		}
	}
	return nil
}

// looksText reports whether b begins as text does: nothing that names a schema does.
func looksText(b []byte) bool {
	return len(b) > 0 && (b[0] >= ' ' || b[0] == '\t' || b[0] == '\n' || b[0] == '\r')
}
