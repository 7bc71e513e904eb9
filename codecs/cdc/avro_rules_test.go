package cdc

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/datum"
	"github.com/tidemark/tidemark/tables"
)

type m = map[string]any

const (
	avroKeyID = 1 + iota
	avroEnvelopeID
	avroWiderID // a column added, another gone
	avroTransactionID
	avroSchemaChangeID
	avroRowID
	avroTextID
)

var avroGUID = datum.ID{GUID: [16]byte{0xa0, 0xee, 0xbc, 0x99, 15: 1}}

const (
	avroColumns = `{"name":"id","type":"long"},{"name":"v","type":["null","string"]},
		{"name":"n","type":["null",{"type":"bytes","logicalType":"decimal","precision":10,"scale":2,"connect.name":"org.apache.kafka.connect.data.Decimal","connect.parameters":{"scale":"2"}}]}`
	avroWider = `{"name":"added","type":["int","null"],"default":7},{"name":"v","type":["null","string"]},{"name":"id","type":"int"}`
	avroFlat  = `{"type":"record","name":"Value","fields":[` + avroColumns + `,{"name":"__deleted","type":["null","string"]},{"name":"__lsn","type":["null","long"]}]}`
)

func avroEnvelope(columns string) string {
	return `{"type":"record","name":"Envelope","namespace":"a-b.t","fields":[
		{"name":"before","type":["null",{"type":"record","name":"Value","fields":[` + columns + `]}]},
		{"name":"after","type":["null","Value"]},
		{"name":"source","type":{"type":"record","name":"Source","fields":[{"name":"connector","type":"string"},{"name":"ts_ms","type":"long"},
			{"name":"snapshot","type":["null","string"]},{"name":"lsn","type":["null","long"]}]}},
		{"name":"op","type":"string"},{"name":"ts_ms","type":["null","long"]}]}`
}

func avroRegistry(t testing.TB) *memory {
	t.Helper()
	r := newMemory()
	for id, text := range map[uint32]string{
		avroKeyID: `{"type":"record","name":"Key","fields":[{"name":"id","type":"long"}]}`, avroEnvelopeID: avroEnvelope(avroColumns),
		avroWiderID: avroEnvelope(avroWider), avroRowID: avroFlat, avroTextID: `"string"`,
		avroTransactionID: `{"type":"record","name":"T","fields":[{"name":"status","type":"string"},{"name":"id","type":"string"},
			{"name":"event_count","type":["null","long"]},{"name":"data_collections","type":["null",{"type":"array","items":"string"}]}]}`,
		avroSchemaChangeID: `{"type":"record","name":"S","fields":[{"name":"databaseName","type":"string"},{"name":"ddl","type":"string"}]}`,
	} {
		r.add(t, datum.ID{Number: id}, text)
	}
	r.add(t, avroGUID, avroEnvelope(avroColumns))
	return r
}

func (r *memory) envelope(t testing.TB, id uint32, op string, before, after any) []byte {
	t.Helper()
	return r.framed(t, id, avroEvent(op, before, after))
}

func avroEvent(op string, before, after any) m {
	return m{
		"before": before, "after": after, "op": op, "ts_ms": int64(1),
		"source": m{"connector": "postgresql", "ts_ms": int64(5), "snapshot": "false", "lsn": int64(99)},
	}
}

func avroRow(id int64, v, n any) m { return m{"id": id, "v": v, "n": n} }

func TestRulesInAvro(t *testing.T) {
	r := avroRegistry(t)
	table := ruleTable(t, tables.DebeziumAvro)
	table.Columns[2].Encoding = ""
	d, err := NewDecoder(table, Options{Schemas: r})
	if err != nil {
		t.Fatal(err)
	}
	key := string(r.framed(t, avroKeyID, m{"id": int64(5)}))
	put := string(r.envelope(t, avroEnvelopeID, "u", nil, avroRow(5, "a", []byte{1, 0x10})))
	bare := string(r.bare(t, avroGUID, avroEvent("u", nil, avroRow(5, "a", []byte{1, 0x10}))))
	guid := "\x01" + string(avroGUID.GUID[:])
	const row = "upsert id=5 v=a n=2.72"
	named := func(name, id string) []codecs.Header {
		return []codecs.Header{{Name: name, Value: []byte("wrong")}, {Name: name, Value: []byte(id)}}
	}
	for _, e := range []event{
		{"an update", key, put, nil, row},
		{"a GUID in front", key, guid + bare, nil, row},
		{"a GUID in the header", key, bare, named(avro.ValueSchemaHeader, guid), row},
		{"an id in the header", key, bare, named(avro.ValueSchemaHeader, "\x00\x00\x00\x00\x02"), row},
		{"a key's id in the header", string(r.bare(t, datum.ID{Number: avroKeyID}, m{"id": int64(5)})), put, named(avro.KeySchemaHeader, "\x00\x00\x00\x00\x01"), row},
		{"a header that names none", key, bare, named(avro.ValueSchemaHeader, "12"), "error value"},
		{"a key in digits", "5", put, nil, row},
		{"a key in JSON", `{"id":5}`, put, nil, row},
		{"a key that is an Avro text", string(r.framed(t, avroTextID, "5")), put, nil, row},
		{"a key of 8 bytes", "\x00\x00\x00\x00\x00\x00\x00\x05", put, nil, "error key"},
		{"a delete", key, string(r.envelope(t, avroEnvelopeID, "d", avroRow(5, "", nil), nil)), nil, "delete id=5"},
		{"a tombstone", key, "-", nil, "delete id=5"},
		{"an empty value", key, "", nil, "delete id=5"},
		{"a changed key", key, put, []codecs.Header{{Name: oldKeyHeader, Value: []byte(`{"id":4}`)}}, row},
		{"a changed key in Avro", key, put, []codecs.Header{{Name: oldKeyHeader, Value: r.framed(t, avroKeyID, m{"id": int64(4)})}}, row},
		{"a truncate", "-", string(r.envelope(t, avroEnvelopeID, "t", nil, nil)), nil, "truncate"},
		{"a message", "-", string(r.envelope(t, avroEnvelopeID, "m", nil, nil)), nil, "skip message"},
		{"an unknown op", key, string(r.envelope(t, avroEnvelopeID, "x", nil, nil)), nil, "skip unknown_op"},
		{"a row of nothing", key, string(r.envelope(t, avroEnvelopeID, "u", nil, nil)), nil, "skip no_row"},
		{"a transaction", key, string(r.framed(t, avroTransactionID, m{"status": "END", "id": "1:2", "event_count": int64(3)})), nil, "skip transaction"},
		{"a schema change", key, string(r.framed(t, avroSchemaChangeID, m{"databaseName": "d", "ddl": "x"})), nil, "skip schema_change"},
		{"an evolved schema", key, string(r.envelope(t, avroWiderID, "u", nil, m{"id": 5, "v": "w", "added": 8})), nil, "upsert id=5 v=w"},
		{"a null key", "-", put, nil, "error key"},
		{"a placeholder", key, string(r.envelope(t, avroEnvelopeID, "u", nil, avroRow(5, tables.DefaultPlaceholder, nil))), nil, "upsert id=5 v?"},
		{"an unknown id", key, "\x00\x00\x00\x00\x63" + bare, nil, "error value"},
		{"JSON", key, `{"op":"u"}`, nil, "error value"},
		{"an id of 8 bytes", key, "\x00\x00\x00\x00\x00\x00\x00\x00\x02" + bare, nil, "error value"},
		{"cut off", key, put[:len(put)-3], nil, "error value.op"},
		{"too long", key, put + "x", nil, "error value"},
		{"text that is none", key, string(r.envelope(t, avroEnvelopeID, "u", nil, avroRow(5, "\xff", nil))), nil, "error value.after.v"},
	} {
		t.Run(e.name, func(t *testing.T) {
			got := outcome(t, table, d, record(e.key, e.value, e.headers...))
			if !strings.HasPrefix(got, e.want) {
				t.Errorf("got  %s\nwant %s", got, e.want)
			}
		})
	}
}

func TestKeysInHeadersMayBeAvro(t *testing.T) {
	r := avroRegistry(t)
	d, err := NewDecoder(ruleTable(t, tables.DebeziumAvro), Options{Schemas: r})
	if err != nil {
		t.Fatal(err)
	}
	put := string(r.envelope(t, avroEnvelopeID, "u", nil, avroRow(5, "a", nil)))
	for _, old := range []string{`{"id":4}`, string(r.framed(t, avroKeyID, m{"id": int64(4)}))} {
		var c tables.Change
		rec := record(string(r.framed(t, avroKeyID, m{"id": int64(5)})), put, codecs.Header{Name: oldKeyHeader, Value: []byte(old)})
		if err := d.Decode(rec, &c); err != nil || c.OldKey != tables.EncodeKey(tables.Int64Value(4)) {
			t.Errorf("%q: %q %v", old, c.OldKey, err)
		}
	}
}

func TestFlattenedRulesInAvro(t *testing.T) {
	r := avroRegistry(t)
	key := string(r.framed(t, avroKeyID, m{"id": int64(5)}))
	flat := func(deleted any) string {
		return string(r.framed(t, avroRowID, m{"id": int64(5), "v": "a", "n": []byte{1, 0x10}, "__deleted": deleted, "__lsn": int64(7)}))
	}
	for _, format := range []tables.Format{tables.FlattenedAvro, tables.UpsertAvro} {
		table := ruleTable(t, format)
		d, err := NewDecoder(table, Options{Schemas: r})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range []event{
			{"a row", key, flat("false"), nil, "upsert id=5 v=a n=2.72"},
			{"a row of the past", key, flat("true"), nil, "delete id=5"},
			{"the text null", key, "null", nil, "delete id=5"},
			{"a tombstone", key, "-", nil, "delete id=5"},
			{"an envelope", key, string(r.envelope(t, avroEnvelopeID, "u", nil, avroRow(5, "a", nil))), nil, "error value"},
			{"a transaction", "-", string(r.framed(t, avroTransactionID, m{"status": "END", "id": "1:2"})), nil, "skip transaction"},
		} {
			t.Run(fmt.Sprint(format, e.name), func(t *testing.T) {
				if got := outcome(t, table, d, record(e.key, e.value, e.headers...)); !strings.HasPrefix(got, e.want) {
					t.Errorf("got  %s\nwant %s", got, e.want)
				}
			})
		}
	}
}

func TestARegistryThatIsAwaySaysNothingOfARecord(t *testing.T) {
	r := avroRegistry(t)
	d, err := NewDecoder(ruleTable(t, tables.DebeziumAvro), Options{Schemas: r})
	if err != nil {
		t.Fatal(err)
	}
	rec := record(string(r.framed(t, avroKeyID, m{"id": int64(5)})), string(r.envelope(t, avroEnvelopeID, "u", nil, avroRow(5, "a", nil))))
	var c tables.Change
	r.away = true
	if err := d.Decode(rec, &c); !errors.Is(err, codecs.ErrUnavailable) || !strings.Contains(err.Error(), "schema id 2") {
		t.Fatal(err)
	}
	r.away = false
	if err := d.Decode(rec, &c); err != nil {
		t.Fatal(err)
	}
	r.away = true
	if err := d.Decode(rec, &c); err != nil {
		t.Errorf("the schemas are known by now: %v", err)
	}
	r.away = false
	rec.Value[4] = 99
	if err := d.Decode(rec, &c); err == nil || errors.Is(err, codecs.ErrUnavailable) || !strings.Contains(err.Error(), "schema id 99") {
		t.Error(err)
	}
}

func TestAvroNeedsARegistry(t *testing.T) {
	for _, f := range []tables.Format{tables.DebeziumAvro, tables.FlattenedAvro, tables.UpsertAvro} {
		if _, err := NewDecoder(ruleTable(t, f), Options{}); err == nil || !strings.Contains(err.Error(), "schema registry") {
			t.Error(err)
		}
	}
}

func TestADocumentOfAvroIsTheConvertersJSON(t *testing.T) {
	r := avroRegistry(t)
	table := ruleTable(t, tables.DebeziumAvro)
	table.Document = tables.DocumentKeep
	d, err := NewDecoder(table, Options{Schemas: r})
	if err != nil {
		t.Fatal(err)
	}
	key := string(r.framed(t, avroKeyID, m{"id": int64(5)}))
	var first, second tables.Change
	for at, c := range []*tables.Change{&first, &second} {
		v := strings.Repeat("x", at+1)
		if err := d.Decode(record(key, string(r.envelope(t, avroEnvelopeID, "u", nil, avroRow(5, v, []byte{1})))), c); err != nil {
			t.Fatal(err)
		}
	}
	if string(first.Document) != `{"id":5,"v":"x","n":"AQ=="}` || string(second.Document) != `{"id":5,"v":"xx","n":"AQ=="}` {
		t.Errorf("%s %s", first.Document, second.Document)
	}
}
