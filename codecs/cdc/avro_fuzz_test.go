package cdc

import (
	"slices"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/datum"
	"github.com/tidemark/tidemark/tables"
)

// fuzzAvro mutates records of known schemas, and the text of a schema, too.
func fuzzAvro(f *testing.F, format tables.Format) {
	r := avroRegistry(f)
	key := r.framed(f, avroKeyID, m{"id": int64(5)})
	for _, value := range [][]byte{
		r.envelope(f, avroEnvelopeID, "u", nil, avroRow(5, "a", []byte{1, 0x10})),
		r.envelope(f, avroEnvelopeID, "d", avroRow(5, "", nil), nil),
		r.envelope(f, avroWiderID, "c", nil, m{"id": 5, "v": tables.DefaultPlaceholder, "added": 8}),
		r.framed(f, avroTransactionID, m{"status": "END", "id": "1:2", "event_count": int64(3)}),
		r.framed(f, avroRowID, m{"id": int64(5), "v": "a", "n": []byte{1}, "__deleted": "true", "__lsn": int64(7)}),
	} {
		f.Add(key, value, []byte{}, avroFlat)
		f.Add([]byte(`{"id":5}`), value[5:], value[:5], avroFlat)
	}
	table := fuzzTable(f, format)
	f.Fuzz(func(t *testing.T, key, value, header []byte, schema string) {
		r := &memory{schemas: avroRegistry(t).schemas}
		if s, err := datum.Parse(schema); err == nil {
			r.schemas[datum.ID{Number: avroRowID}] = s
		}
		d, err := NewDecoder(table, Options{Schemas: r})
		if err != nil {
			t.Fatal(err)
		}
		rec := &codecs.Record{Topic: "t", Key: key, Value: value, Headers: []codecs.Header{{Name: avro.ValueSchemaHeader, Value: header}, {Name: oldKeyHeader, Value: header}}}
		kept := slices.Clone(value)
		var c, again tables.Change
		err = d.Decode(rec, &c)
		checkChange(t, table, &c, err)
		if err2 := d.Decode(rec, &again); (err == nil) != (err2 == nil) || c.Key != again.Key || c.Op != again.Op {
			t.Fatalf("decoded twice: %v %v, %v %v", c.Op, err, again.Op, err2)
		}
		if string(value) != string(kept) {
			t.Fatal("the record's bytes were changed")
		}
	})
}

func FuzzDebeziumAvro(f *testing.F) { fuzzAvro(f, tables.DebeziumAvro) }

func FuzzFlattenedAvro(f *testing.F) { fuzzAvro(f, tables.FlattenedAvro) }

func FuzzUpsertAvro(f *testing.F) { fuzzAvro(f, tables.UpsertAvro) }
