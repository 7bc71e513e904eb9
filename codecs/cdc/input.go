package cdc

import (
	"unicode/utf8"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// An input makes JSON of a record's key or value, with what its values mean.
type input interface {
	// read returns the payload, which may alias b, and the meanings of the columns;
	// these are nil where the record says nothing of them.
	Read(b []byte, headers []codecs.Header) (payload []byte, m []convert.Meaning, err *codecs.Error)
}

func newKeyInput(t *tables.Table, columns []tables.Column, o Options) input {
	in := &jsonInput{field: "key", schemas: newSchemaCache(columns, keySchema), alone: !hasPayload(columns)}
	if !t.Source.Format.Avro() {
		return in
	}
	return avro.NewKey(columns, o.Schemas, keySchema, in)
}

func newValueInput(t *tables.Table, columns []tables.Column, o Options, find convert.Find) input {
	if !t.Source.Format.Avro() {
		alone := t.Source.Format == tables.DebeziumJSON || !hasPayload(columns) // an envelope's columns are in its after
		return &jsonInput{field: "value", schemas: newSchemaCache(columns, find), alone: alone}
	}
	return avro.NewValue(columns, o.Schemas, find, wanted(t, columns), t.Document == tables.DocumentKeep)
}

// A jsonInput reads JSON, with a schema around it or without.
type jsonInput struct {
	field   string // key or value, for messages
	schemas *schemaCache
	alone   bool // whether a payload may have no schema
}

func (in *jsonInput) Read(b []byte, _ []codecs.Header) ([]byte, []convert.Meaning, *codecs.Error) {
	b = unframed(b)
	if err := checkUTF8(b, in.field); err != nil {
		return nil, nil, err
	}
	schema, payload, fault := unwrap(b, in.schemas, in.alone)
	if fault != "" {
		return nil, nil, &codecs.Error{Field: in.field, Reason: fault + ": " + jsontext.Clip(b)}
	}
	m, err := in.schemas.get(schema)
	if err != nil {
		err.Field = in.field + "." + err.Field
		return nil, nil, err
	}
	return payload, m, nil
}

// checkUTF8 is what scanners leave out.
func checkUTF8(b []byte, field string) *codecs.Error {
	if utf8.Valid(b) {
		return nil
	}
	return &codecs.Error{Field: field, Reason: "the bytes are no UTF-8 text"}
}
