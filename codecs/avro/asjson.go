package avro

import (
	"errors"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/datum"
)

// AsJSON returns an Avro record as Kafka Connect's JSON converter would have written
// it, with its schemas. What names no schema, as a key in plain text, stays as it is;
// changed is false when that is all of the record. It is for looking at records:
// decoders read Avro by themselves.
func AsJSON(r *codecs.Record, schemas Schemas) (out *codecs.Record, changed bool, err error) {
	c := *r
	for _, part := range []struct {
		field, header string
		b             *[]byte
	}{{"key", KeySchemaHeader, &c.Key}, {"value", ValueSchemaHeader, &c.Value}} {
		named := lastHeader(r.Headers, part.header)
		if len(*part.b) == 0 || len(named) == 0 && !datum.Framed(*part.b) {
			continue
		}
		changed = true
		if schemas == nil {
			return nil, true, errNoSchemas
		}
		if *part.b, err = asJSON(*part.b, named, part.field, schemas); err != nil {
			return nil, true, err
		}
	}
	return &c, changed, nil
}

// errNoSchemas says that a record is Avro, and nobody knows its schema.
var errNoSchemas = errors.New("the records are Avro: name the schema registry")

func asJSON(b, named []byte, field string, schemas Schemas) ([]byte, error) {
	id, data, reason := datum.Unframe(b, named)
	if reason != "" {
		return nil, &codecs.Error{Field: field, Reason: reason}
	}
	s, err := schemas.Schema(id)
	if err != nil {
		return nil, schemaError(field, id, err)
	}
	out := append(s.AppendConnect([]byte(`{"schema":`)), `,"payload":`...)
	out, fault := s.Plan(datum.Everything()).Append(out, data)
	if fault != nil {
		return nil, datumError(field, id, fault)
	}
	return append(out, '}'), nil
}
