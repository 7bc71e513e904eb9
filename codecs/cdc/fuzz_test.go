package cdc

import (
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/extract"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// seeds are records in the shapes that connectors write.
func seeds() []event {
	wrapped := withSchema(`{"id":1,"total":"bg==","at":1500}`, field("id", "int32", ""),
		field("total", "bytes", "org.apache.kafka.connect.data.Decimal", "scale", "2"), field("at", "int64", "io.debezium.time.MicroTimestamp"))
	return []event{
		{key: codectest.EventKey, value: codectest.EventValue},
		{key: `{"id":1}`, value: row1},
		{key: `{"schema":` + schema + `,"payload":{"id":1}}`, value: wrapped},
		{key: `{"id":1}`, value: op("u", `{"id":1,"v":"__debezium_unavailable_value","address":"{\"city\":\"Oslo\"}"}`)},
		{key: `{"id":1}`, value: op("d", "null"), headers: []codecs.Header{{Name: codecs.NewKeyHeader, Value: []byte(`{"id":2}`)}}},
		{key: `{"id":1}`, value: "null"},
		{key: "-", value: op("t", "null")},
		{key: `"7"`, value: `{"id":7,"v":"x","__deleted":"true","__op":"d","__lsn":5}`},
		{key: `abc`, value: `{"schema":{"type":"struct","fields":[]},"payload":{"id":1,"v":[1,{"a":null}]}}`},
		{key: `{"serverName":"shop"}`, value: `{"ts_ms":1795328529803}`},
		{key: `{"id":"7:1"}`, value: `{"status":"BEGIN","id":"7:1","event_count":null,"data_collections":null,"ts_ms":1}`},
		{key: `{"id":1}`, value: op("c", `"{\"_id\": {\"$oid\": \"596e\"}}"`)},
		{key: mongoKey, value: mongo("c", quoted(`{"_id":{"$oid":"596e"},"at":{"$date":{"$numberLong":"5"}},"total":{"$numberDecimal":"1.5"},"b":{"$binary":{"base64":"AA==","subType":"00"}}}`), "null")},
		{key: mongoKey, value: mongo("u", "null", `{"updatedFields":"{\"address.city\":\"x\",\"v\":\"y\"}","removedFields":["f"],"truncatedArrays":[{"field":"j","size":1}]}`)},
		{key: `{"id":1}`, value: op("u", `{"id":1,"sd":{"year":2024,"month":2,"day":29,"hour":1,"minute":2,"second":3,"nanos":4,"offsetSeconds":-5},"ss":{"years":1,"seconds":-2,"nanos":-3},"x":{"$numberLong":"7"}}`)},
		{key: `1`, value: strings.Repeat(`{"a":`, 50) + strings.Repeat("}", 50)},
	}
}

// fuzzTable declares a column of every type, two below others.
func fuzzTable(t testing.TB, format tables.Format) *tables.Table {
	table := codectest.Table(format, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string"), codectest.Column(t, "city", "string", "address.city"),
		codectest.Column(t, "total", "decimal(12,2)", "decimal_base64"), codectest.Column(t, "at", "timestamp", "epoch_us"), codectest.Column(t, "address", "json"),
		codectest.Column(t, "f", "float64"), codectest.Column(t, "b", "bytes"), codectest.Column(t, "u", "uuid"), codectest.Column(t, "d", "date"), codectest.Column(t, "t", "time"), codectest.Column(t, "ok", "bool"),
		codectest.Column(t, "bits", "decimal(38,0)", "bits_le"), codectest.Column(t, "j", "json", "json_string"),
		codectest.Column(t, "sd", "timestamp", "structured"), codectest.Column(t, "ss", "string", "structured"), codectest.Column(t, "x", "int64", "extended_json"), codectest.Column(t, "tt", "string", "time_us"))
	if format == tables.UpsertJSON {
		table.Source.Missing = tables.MissingKeep
	}
	table.Document = tables.DocumentKeep
	for i := range table.Columns {
		table.Columns[i].NullOnError = i > 4
	}
	return table
}

// checkChange says whether a decoded change is one that the fold can use.
func checkChange(t *testing.T, table *tables.Table, c *tables.Change, err error) {
	t.Helper()
	if err != nil {
		var e *codecs.Error
		if !errors.As(err, &e) || e.Field == "" || e.Reason == "" || len(e.Error()) > 2000 {
			t.Fatalf("%v", err)
		}
		return
	}
	switch c.Op {
	case tables.Skip:
		if c.Reason == "" {
			t.Fatal("skipped without a reason")
		}
	case tables.Upsert:
		if len(c.Values) != len(table.Columns) || !isJSON(c.Document) {
			t.Fatalf("%d values, document %q", len(c.Values), c.Document)
		}
		for i, v := range c.Values {
			if k := v.Kind(); k != tables.Null && k != tables.Unavailable && k != table.Columns[i].Type.Kind {
				t.Fatalf("a %s in column %s", k, table.Columns[i].Name)
			}
			if v.Kind() == tables.JSON && !isJSON([]byte(v.Str())) {
				t.Fatalf("column %s holds no JSON: %q", table.Columns[i].Name, v.Str())
			}
		}
		if !isJSON(extract.MergeDocument(table, c.Document, nil)) {
			t.Fatal("the merged document is no JSON")
		}
	}
	if c.Op == tables.Upsert || c.Op == tables.Delete {
		if _, err := tables.DecodeKey(c.Key, table.KeyTypes()); err != nil {
			t.Fatalf("key %q: %v", c.Key, err)
		}
	}
}

func fuzzFormat(f *testing.F, format tables.Format) {
	for _, name := range []string{"orders.ndjson", "flattened.ndjson"} {
		for _, r := range ownRecords(f, name) {
			f.Add(r.Key, r.Value, r.Headers[len(r.Headers)-1].Value)
		}
	}
	for _, s := range scenarios(f, "captured_*") {
		for _, r := range s.records[:min(len(s.records), 8)] {
			f.Add(r.Key, r.Value, []byte("d"))
		}
	}
	for _, s := range seeds() {
		header := ""
		if len(s.headers) > 0 {
			header = string(s.headers[0].Value)
		}
		f.Add([]byte(s.key), []byte(s.value), []byte(header))
	}
	table := fuzzTable(f, format)
	d, err := NewDecoder(table, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, key, value, header []byte) {
		r := &codecs.Record{Topic: "t", Key: key, Value: value, Headers: []codecs.Header{
			{Name: codecs.NewKeyHeader, Value: header}, {Name: oldKeyHeader, Value: header}, {Name: "__op", Value: header}, {Name: "__lsn", Value: header},
		}}
		keep := [][]byte{slices.Clone(key), slices.Clone(value), slices.Clone(header)}
		var c, again tables.Change
		err := d.Decode(r, &c)
		checkChange(t, table, &c, err)
		if err2 := d.Decode(r, &again); (err == nil) != (err2 == nil) || c.Key != again.Key || c.Op != again.Op {
			t.Fatalf("decoded twice: %v %v, %v %v", c.Op, err, again.Op, err2)
		}
		if string(key) != string(keep[0]) || string(value) != string(keep[1]) || string(header) != string(keep[2]) {
			t.Fatal("the record's bytes were changed")
		}
	})
}

func FuzzDebeziumJSON(f *testing.F) { fuzzFormat(f, tables.DebeziumJSON) }

func FuzzFlattenedJSON(f *testing.F) { fuzzFormat(f, tables.FlattenedJSON) }

func FuzzUpsertJSON(f *testing.F) { fuzzFormat(f, tables.UpsertJSON) }

func FuzzMaxwellJSON(f *testing.F) { fuzzMessages(f, tables.MaxwellJSON, "maxwell.ndjson") }

func FuzzCanalJSON(f *testing.F) { fuzzMessages(f, tables.CanalJSON, "canal.ndjson") }

// fuzzMessages holds a decoder and its splitter to each other: what the splitter
// says of a part is what the decoder then makes of it.
func fuzzMessages(f *testing.F, format tables.Format, name string) {
	for _, r := range ownRecords(f, name) {
		f.Add(r.Key, r.Value)
	}
	fuzzParts(f, format)
}

func FuzzOGGJSON(f *testing.F) {
	fuzzWrapped(f, tables.OGGJSON, `{"op_type":"I","after":{"id":1,"v":"a"}}`, `{"op_type":"U","before":{"id":1},"after":{"id":1,"total":"bg=="}}`, `{"op_type":"D","before":{"id":1}}`, `{"op_type":"T"}`)
}

func FuzzDMSJSON(f *testing.F) {
	fuzzWrapped(f, tables.DMSJSON, `{"data":{"id":1,"v":"a"},"metadata":{"record-type":"data","operation":"load","timestamp":"2026-01-01T00:00:00Z"}}`,
		`{"data":{"id":1},"metadata":{"record-type":"data","operation":"delete"}}`, `{"metadata":{"record-type":"control"}}`)
}

func FuzzCockroachJSON(f *testing.F) {
	fuzzWrapped(f, tables.CockroachJSON, `{"after":{"id":1,"v":"a"},"updated":"1747243394200039000.0000000000"}`, `{"after":null,"key":[1]}`, `{"resolved":"1.0"}`,
		`{"op":"u","after":{"id":1},"source":{"db_version":"v25"},"ts_ns":1}`)
}

func fuzzWrapped(f *testing.F, format tables.Format, values ...string) {
	for _, key := range []string{"", "1", "[1]", `{"id":1}`, `"S.T"`, "\x00\x00\x00\x00\x00\x00\x00\x01", "\x00\x00\x00\x00\x01{\"id\":1}"} {
		for _, v := range values {
			f.Add([]byte(key), []byte(v))
		}
	}
	fuzzParts(f, format)
}

func fuzzParts(f *testing.F, format tables.Format) {
	table := fuzzTable(f, format)
	table.Source.Partitioner = tables.PartitionAny
	d, err1 := NewDecoder(table, Options{})
	s, err2 := NewSplitter(table, Options{})
	if err := errors.Join(err1, err2); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, key, value []byte) {
		kept := slices.Clone(value)
		r := &codecs.Record{Topic: "t", Key: key, Value: value}
		var c tables.Change
		err := d.Decode(r, &c)
		checkChange(t, table, &c, err)
		parts, err := s.Split(r, nil)
		if err != nil || len(parts) == 0 {
			t.Fatalf("%d parts, %v", len(parts), err)
		}
		for _, p := range parts {
			part := &codecs.Record{Topic: "t", Key: key, Value: p.Value, Headers: p.Header()}
			err := d.Decode(part, &c)
			checkChange(t, table, &c, err)
			switch {
			case p.Fault != nil && err == nil, err == nil && (p.Op != c.Op || p.Key != c.Key):
				t.Fatalf("%q: said to be %v of %q (%v), is %v of %q", p.Value, p.Op, p.Key, p.Fault, c.Op, c.Key)
			}
		}
		if string(value) != string(kept) {
			t.Fatal("the record's bytes were changed")
		}
	})
}

// Whatever happens to an event's value and headers, the change is of the key that
// the Kafka key names, or of none.
func FuzzMutatedValueKeepsItsKey(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s.value), []byte(`{"id":2}`), uint8(0))
		f.Add([]byte(s.value), []byte(`true`), uint8(1))
	}
	for _, s := range scenarios(f, "captured_*") {
		for _, r := range s.records[:min(len(s.records), 4)] {
			f.Add(r.Value, []byte("d"), uint8(2))
		}
	}
	formats := []tables.Format{tables.DebeziumJSON, tables.FlattenedJSON, tables.UpsertJSON}
	var decoders []Decoder
	for _, format := range formats {
		d, err := NewDecoder(fuzzTable(f, format), Options{})
		if err != nil {
			f.Fatal(err)
		}
		decoders = append(decoders, d)
	}
	keys := map[string]tables.Key{
		`{"id":4711}`: tables.EncodeKey(tables.Int64Value(4711)), `"4711"`: tables.EncodeKey(tables.Int64Value(4711)), `{}`: "", `null`: "", `{"id":{}}`: "",
	}
	f.Fuzz(func(t *testing.T, value, header []byte, which uint8) {
		d := decoders[int(which)%len(decoders)]
		for key, want := range maps.All(keys) {
			r := &codecs.Record{Topic: "t", Key: []byte(key), Value: value, Headers: []codecs.Header{{Name: oldKeyHeader, Value: header}, {Name: "__deleted", Value: header}, {Name: codecs.NewKeyHeader, Value: header}}}
			var c tables.Change
			if key == "null" && imagesAlone(value) {
				continue // the row gives its key
			}
			if err := d.Decode(r, &c); err == nil && c.Key != "" && c.Key != want {
				t.Fatalf("key %s became %q", key, c.Key)
			}
		}
	})
}

// Captured events whose bytes are changed one by one keep their key, too.
func TestMutatedEventsNeverChangeAnotherRow(t *testing.T) {
	table := ruleTable(t, tables.DebeziumJSON)
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := tables.EncodeKey(tables.Int64Value(1))
	for _, s := range []string{row1, op("d", `null`), op("u", `{"id":1,"v":"x"}`), withSchema(`{"id":1,"v":"a"}`, field("id", "int32", ""))} {
		for i := range s {
			for _, c := range []byte(`0"}{,:\n[`) {
				value := []byte(s)
				value[i] = c
				var got tables.Change
				if err := d.Decode(record(`{"id":1}`, string(value)), &got); err == nil && got.Key != "" && got.Key != want {
					t.Fatalf("%s became a change of %q", value, got.Key)
				}
			}
		}
	}
}

// A topic with ever new member names and schemas does not make a decoder grow.
func TestHostileTopicsDoNotMakeADecoderGrow(t *testing.T) {
	d, err := NewDecoder(ruleTable(t, tables.UpsertJSON), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	name := make([]byte, 4000)
	for i := range name {
		name[i] = 'a'
	}
	for i := range 3 * extract.MaxNames {
		for j := range 4 {
			name[j] = byte('a' + i>>(4*j)&15)
		}
		value := `{"` + string(name) + `":1,"` + string(name[:8]) + `":2}`
		var c tables.Change
		if err := d.Decode(record("1", value), &c); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("%d bytes more are held", grown)
	}
}

// Filling a document's placeholders gives JSON, whatever is stored, and leaves none.
func isJSON(text []byte) bool {
	s := jsontext.Scan(text)
	return s.Value() != nil && s.End()
}

// imagesAlone reports whether an envelope has before, after and op, and nothing else.
func imagesAlone(value []byte) bool {
	if payload := payloadOf(value); payload != nil {
		value = payload
	}
	members, ok := jsontext.ReadObject(value)
	for _, m := range members {
		ok = ok && (m.Name == "before" || m.Name == "after" || m.Name == "op")
	}
	return ok
}
