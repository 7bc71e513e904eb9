package cdc

import (
	"encoding/base64"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

func TestKeysOfKafkasSerializers(t *testing.T) {
	for _, c := range []struct {
		format tables.KeyFormat
		kind   string
		key    string
		want   string
	}{
		{"", "int64", "\x00\x00\x00\x00\x00\x00\x00\x07", "7"},
		{"", "int64", "\xff\xff\xff\xff\xff\xff\xff\xfd", "-3"},
		{"", "int64", "12345678", "12345678"}, // JSON is JSON, whatever its size
		{"", "int64", "\x00\x00\x00\x07", "!"},
		{"", "string", "\x00\x00\x00\x00\x00\x00\x00\x07", "\x00\x00\x00\x00\x00\x00\x00\a"},
		{tables.KeyInt64, "int64", "12345678", "3544952156018063160"},
		{tables.KeyInt64, "int64", "1234567", "!"},
		{tables.KeyInt64, "string", "\x00\x00\x00\x00\x00\x00\x00\x07", "7"},
		{tables.KeyInt32, "int64", "\xff\xff\xff\xfd", "-3"},
		{tables.KeyInt32, "int64", "\x00\x00\x00\x00\x00\x00\x00\x07", "!"},
		{tables.KeyFloat64, "float64", "\xbf\xf8\x00\x00\x00\x00\x00\x00", "-1.5"},
		{tables.KeyFloat64, "float64", "\x7f\xf8\x00\x00\x00\x00\x00\x00", "!"},
		{tables.KeyString, "string", `{"id":1}`, `{"id":1}`},
		{tables.KeyString, "string", "123", "123"},
		{tables.KeyString, "int64", "x", "!"},
		{tables.KeyString, "string", "\xff", "!"},
		{tables.KeyUUID, "uuid", "0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e"},
		{tables.KeyUUID, "uuid", "\x0f\x8f\xad\x5b\xd9\xcb\x46\x9f\xa1\x65\x70\x86\x77\x28\x95\x0e", "0f8fad5b-d9cb-469f-a165-70867728950e"},
		{tables.KeyUUID, "uuid", "short", "!"},
		{tables.KeyBytes, "bytes", "\x00\xff", "AP8="},
	} {
		table := codectest.Table(tables.UpsertJSON, "id", codectest.Column(t, "id", c.kind), codectest.Column(t, "v", "string"))
		table.Source.KeyFormat = c.format
		want := "upsert id=" + c.want + " v=a"
		if c.want == "!" {
			want = "error key"
		}
		got := outcome(t, table, newDecoder(t, table), record(c.key, `{"v":"a"}`))
		if got != want && (c.want != "!" || got != want+".id") {
			t.Errorf("%s of %s, key %q: %s, want %s", c.format, c.kind, c.key, got, want)
		}
	}
}

func newDecoder(t testing.TB, table *tables.Table) Decoder {
	t.Helper()
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestJSONBehindTheIDOfItsSchema(t *testing.T) {
	confluent, apicurio := "\x00\x00\x00\x00\x07", "\x00\x00\x00\x00\x00\x00\x00\x00\x07"
	for _, format := range []tables.Format{tables.UpsertJSON, tables.FlattenedJSON, tables.DebeziumJSON} {
		value := `{"v":"a"}`
		if format == tables.DebeziumJSON {
			value = `{"op":"c","before":null,"after":{"v":"a"},"source":{}}`
		}
		for _, frame := range []string{confluent, apicurio} {
			expectEvents(t, ruleTable(t, format), []event{
				{"both", frame + `{"id":1}`, frame + value, nil, "upsert id=1 v=a"},
				{"the value", `{"id":1}`, frame + value, nil, "upsert id=1 v=a"},
				{"nothing behind it", `{"id":1}`, frame, nil, "error value"},
				{"no JSON behind it", `{"id":1}`, frame + "{", nil, "error value"},
			})
		}
	}
	text := codectest.Table(tables.UpsertJSON, "id", codectest.Column(t, "id", "string"), codectest.Column(t, "v", "string"))
	expectEvents(t, text, []event{{"a text", confluent + `"x"`, `{"v":"a"}`, nil, "upsert id=x v=a"}})
}

func TestTheRowTellsItsKey(t *testing.T) {
	source := `,"source":{"connector":"postgresql"}`
	declared := ruleTable(t, tables.DebeziumJSON)
	declared.Source.KeyFrom = tables.KeyFromRow
	expectEvents(t, declared, []event{
		{"insert", "-", `{"op":"c","before":null,"after":{"id":1,"v":"a"}` + source + `}`, nil, "upsert id=1 v=a"},
		{"a key of another table", `{"id":7}`, `{"op":"c","before":null,"after":{"id":1,"v":"a"}` + source + `}`, nil, "upsert id=1 v=a"},
		{"update", "-", `{"op":"u","before":{"id":1,"v":"a"},"after":{"id":1,"v":"b"}` + source + `}`, nil, "upsert id=1 v=b"},
		{"delete", "-", `{"op":"d","before":{"id":1,"v":"a"},"after":null` + source + `}`, nil, "delete id=1"},
		{"delete without a row", "-", `{"op":"d","before":null,"after":null` + source + `}`, nil, "error key"},
		{"delete of a row without its key", "-", `{"op":"d","before":{"v":"a"},"after":null` + source + `}`, nil, "error before.id"},
		{"the key changed", "-", `{"op":"u","before":{"id":1},"after":{"id":2}` + source + `}`, nil, "error key.id"},
		{"null value", `{"id":1}`, "-", nil, "skip tombstone"},
		{"a row without its key", "-", `{"op":"c","before":null,"after":{"v":"a"}` + source + `}`, nil, "error key.id"},
		{"an old key in a header", "-", `{"op":"c","before":null,"after":{"id":1,"v":"a"}` + source + `}`, []codecs.Header{{Name: oldKeyHeader, Value: []byte(`{"id":3}`)}}, "upsert id=1 v=a"},
	})
	for _, format := range []tables.Format{tables.UpsertJSON, tables.FlattenedJSON} {
		flat := ruleTable(t, format)
		flat.Source.KeyFrom = tables.KeyFromRow
		expectEvents(t, flat, []event{
			{"row", "-", `{"id":1,"v":"a"}`, nil, "upsert id=1 v=a"},
			{"useless key", `"public.t"`, `{"id":1,"v":"a"}`, nil, "upsert id=1 v=a"},
			{"deleted", "-", `{"id":1,"v":"a","__deleted":"true"}`, nil, "delete id=1"},
			{"no key", "-", `{"v":"a"}`, nil, "error key.id"},
		})
	}
	// Nothing is declared: Flink's envelopes alone.
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), []event{
		{"insert", "-", `{"before":null,"after":{"id":1,"v":"a"},"op":"c"}`, nil, "upsert id=1 v=a"},
		{"delete", "-", `{"before":{"id":1,"v":"a"},"after":null,"op":"d"}`, nil, "delete id=1"},
		{"in a payload", "-", `{"payload":{"before":null,"after":{"id":1,"v":"a"},"op":"c"}}`, nil, "upsert id=1 v=a"},
		{"with a source", "-", `{"before":null,"after":{"id":1,"v":"a"},"op":"c"` + source + `}`, nil, "error key"},
		{"with a clock", "-", `{"before":null,"after":{"id":1,"v":"a"},"op":"c","ts_ms":1}`, nil, "error key"},
		{"without op", "-", `{"before":null,"after":{"id":1,"v":"a"}}`, nil, "error key"},
	})
}

func TestKeysAreTakenAsTheyAreByDefault(t *testing.T) {
	raw := base64.StdEncoding.EncodeToString([]byte("\x00\x00\x00\x00\x00\x00\x00\x07"))
	expectEvents(t, ruleTable(t, tables.UpsertJSON), []event{
		{"as text", raw, `{"v":"a"}`, nil, "error key.id"},
		{"an array", `[1]`, `{"id":1,"v":"a"}`, nil, "error key"},
	})
}
