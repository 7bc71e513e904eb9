package cdc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// withSchema wraps an envelope whose row has the given fields, each name, type and more JSON.
func withSchema(after string, fields ...string) string {
	in := strings.Join(fields, ",")
	return `{"schema":{"type":"struct","fields":[{"type":"struct","fields":[` + in + `],"optional":true,"field":"before"},` +
		`{"type":"struct","fields":[` + in + `],"optional":true,"field":"after"},{"type":"string","field":"op"}],"name":"t.Envelope"},` +
		`"payload":{"before":null,"after":` + after + `,"op":"c"}}`
}

func field(name, typ, schemaName string, parameters ...string) string {
	out := fmt.Sprintf(`{"type":%q,"optional":true,"field":%q`, typ, name)
	if schemaName != "" {
		out += fmt.Sprintf(`,"name":%q,"version":1`, schemaName)
	}
	if len(parameters) == 2 {
		out += fmt.Sprintf(`,"parameters":{%q:%q}`, parameters[0], parameters[1])
	}
	return out + "}"
}

// A schema says what values mean; nothing has to be declared.
func TestSchemasCarryTheMeaning(t *testing.T) {
	const dbz, connect = "io.debezium.time.", "org.apache.kafka.connect.data."
	for _, c := range []struct{ typ, field, raw, want string }{
		{"decimal(12,2)", field("x", "bytes", connect+"Decimal", "scale", "2"), `"bg=="`, "1.10"},
		{"decimal(12,4)", field("x", "bytes", connect+"Decimal", "scale", "2"), `"bg=="`, "1.1000"},
		{"string", field("x", "bytes", connect+"Decimal", "scale", "2"), `"/h3t"`, "-1234.11"},
		{"float64", field("x", "bytes", connect+"Decimal", "scale", "2"), `"/h3t"`, "-1234.11"},
		{"json", field("x", "bytes", connect+"Decimal", "scale", "2"), `"/h3t"`, "-1234.11"},
		{"int64", field("x", "bytes", connect+"Decimal", "scale", "0"), `"AIA="`, "128"},
		{"decimal(12,5)", field("x", "struct", "io.debezium.data.VariableScaleDecimal"), `{"scale":5,"value":"BMsv"}`, "3.14159"},
		{"decimal(12,2)", field("x", "string", ""), `"1.50"`, "1.50"},
		{"decimal(12,2)", field("x", "double", ""), `1.5`, "1.50"},
		{"date", field("x", "int32", dbz+"Date"), `19782`, "2024-02-29"},
		{"date", field("x", "int32", connect+"Date"), `19782`, "2024-02-29"},
		{"int64", field("x", "int32", dbz+"Date"), `19782`, "19782"},
		{"string", field("x", "int32", dbz+"Date"), `19782`, "2024-02-29"},
		{"time", field("x", "int32", dbz+"Time"), `1500`, "00:00:01.500000"},
		{"time", field("x", "int32", connect+"Time"), `1500`, "00:00:01.500000"},
		{"time", field("x", "int64", dbz+"MicroTime"), `86400000000`, "24:00:00.000000"},
		{"time", field("x", "int64", dbz+"NanoTime"), `1500`, "00:00:00.000001"},
		{"timestamp", field("x", "int64", dbz+"Timestamp"), `1500`, "1970-01-01T00:00:01.500000Z"},
		{"timestamp", field("x", "int64", connect+"Timestamp"), `9223372036825200000`, "infinity"},
		{"timestamp", field("x", "int64", dbz+"MicroTimestamp"), `1500`, "1970-01-01T00:00:00.001500Z"},
		{"timestamp", field("x", "int64", dbz+"NanoTimestamp"), `1500`, "1970-01-01T00:00:00.000001Z"},
		{"timestamp", field("x", "string", dbz+"ZonedTimestamp"), `"infinity"`, "infinity"},
		{"timestamp", field("x", "string", dbz+"IsoTimestamp"), `"2024-02-29T12:34:56.789012Z"`, "2024-02-29T12:34:56.789012Z"},
		{"time", field("x", "string", dbz+"ZonedTime"), `"10:04:56.789012Z"`, "10:04:56.789012"},
		{"date", field("x", "string", dbz+"IsoDate"), `"2024-02-29Z"`, "2024-02-29"},
		{"int64", field("x", "int32", dbz+"Year"), `2024`, "2024"},
		{"int64", field("x", "int64", dbz+"MicroDuration"), `-5`, "-5"},
		{"string", field("x", "int64", dbz+"NanoDuration"), `1500000001`, "PT1.500000001S"},
		{"string", field("x", "string", dbz+"Interval"), `"P1Y2M3DT4H5M6.789012S"`, "P1Y2M3DT4H5M6.789012S"},
		{"json", field("x", "string", "io.debezium.data.Json"), `"{\"a\": 1}"`, `{"a": 1}`},
		{"uuid", field("x", "string", "io.debezium.data.Uuid"), `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{"string", field("x", "string", "io.debezium.data.Enum", "allowed", "a,b"), `"a"`, "a"},
		{"string", field("x", "string", "io.debezium.data.EnumSet", "allowed", "a,b"), `"a,b"`, "a,b"},
		{"string", field("x", "string", "io.debezium.data.Xml"), `"<a/>"`, "<a/>"},
		{"string", field("x", "bytes", "io.debezium.data.Bits", "length", "10"), `"qgE="`, "0110101010"},
		{"string", field("x", "bytes", "io.debezium.data.Bits", "length", "4"), `""`, "0000"},
		{"int64", field("x", "bytes", "io.debezium.data.Bits", "length", "10"), `"qgE="`, "426"},
		{"bytes", field("x", "bytes", ""), `"AP8="`, "AP8="},
		{"string", field("x", "bytes", ""), `"AP8="`, "AP8="},
		{"uuid", field("x", "bytes", ""), `"oO68mZwLTvi7bWu5vTgKEQ=="`, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{"json", field("x", "struct", "io.debezium.data.geometry.Point"), `{"x":1.5,"y":2}`, `{"x":1.5,"y":2}`},
		{"json", `{"type":"array","items":{"type":"int32"},"field":"x"}`, `[1,2]`, `[1,2]`},
		{"timestamp", field("x", "int64", ""), `1500`, "error after.x"},
	} {
		table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "x", c.typ))
		d, err := NewDecoder(table, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := "upsert id=1 x=" + c.want
		if strings.HasPrefix(c.want, "error") {
			want = c.want
		}
		value := withSchema(`{"id":1,"x":`+c.raw+`}`, field("id", "int32", ""), c.field)
		if got := outcome(t, table, d, record(`1`, value)); got != want {
			t.Errorf("%s from %s %s: %s, want %s", c.typ, c.field, c.raw, got, want)
		}
	}
}

func TestSchemaBeforeEncodingBeforeNothing(t *testing.T) {
	table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "x", "timestamp", "epoch_ms"))
	expectEvents(t, table, []event{
		{"the schema says micros", "1", withSchema(`{"x":1500}`, field("x", "int64", "io.debezium.time.MicroTimestamp")), nil, "upsert id=1 x=1970-01-01T00:00:00.001500Z"},
		{"the schema says a number and no more", "1", withSchema(`{"x":1500}`, field("x", "int64", "")), nil, "error after.x"},
		{"the schema lacks the field", "1", withSchema(`{"x":1500}`, field("y", "int64", "")), nil, "upsert id=1 x=1970-01-01T00:00:01.500000Z"},
		{"no schema", "1", op("c", `{"x":1500}`), nil, "upsert id=1 x=1970-01-01T00:00:01.500000Z"},
	})
}

func TestSchemaOfKeysNestedAndFlattenedRows(t *testing.T) {
	dated := `{"schema":{"type":"struct","fields":[` + field("d", "int32", "io.debezium.time.Date") + `]},"payload":{"d":19782}}`
	table := codectest.Table(tables.FlattenedJSON, "d", codectest.Column(t, "d", "date"), codectest.Column(t, "t", "time", "box.at"))
	nested := `{"type":"struct","field":"box","fields":[` + field("at", "int32", "io.debezium.time.Time") + `]}`
	value := `{"schema":{"type":"struct","fields":[` + nested + `]},"payload":{"box":{"at":1500}}}`
	expectEvents(t, table, []event{
		{"struct", dated, value, nil, "upsert d=2024-02-29 t=00:00:01.500000"},
		{"bare", `{"schema":{"type":"int32","name":"io.debezium.time.Date"},"payload":19782}`, value, nil, "upsert d=2024-02-29 t=00:00:01.500000"},
		{"delete", dated, `{"schema":{"type":"struct"},"payload":null}`, nil, "delete d=2024-02-29"},
		{"without a schema it is only a number", `{"d":19782}`, value, nil, "error key.d"},
	})
}

func TestSchemasAreKeptAndBounded(t *testing.T) {
	table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "x", "timestamp"))
	d := newEnvelopeDecoder(table, Options{})
	kinds := []string{"MicroTimestamp", "Timestamp"}
	want := []string{"upsert id=1 x=1970-01-01T00:00:00.001500Z", "upsert id=1 x=1970-01-01T00:00:01.500000Z"}
	for i := range 3 * maxSchemas {
		extra := field(fmt.Sprintf("f%d", i/2), "int32", "")
		value := withSchema(`{"x":1500}`, field("x", "int64", "io.debezium.time."+kinds[i%2]), extra)
		for range 2 {
			if got := outcome(t, table, &shell{decode: d.decode}, record("1", value)); got != want[i%2] {
				t.Fatal(got)
			}
		}
	}
	if n := len(d.in.(*jsonInput).schemas.known); n != maxSchemas {
		t.Errorf("%d schemas are kept, want %d", n, maxSchemas)
	}
}

// A row whose members are named schema and payload is still a row.
func TestUnwrapOnlyWhatIsWrapped(t *testing.T) {
	table := codectest.Table(tables.UpsertJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "schema", "json"), codectest.Column(t, "payload", "json"))
	expectEvents(t, table, []event{
		{"a third member", "1", `{"schema":{"a":1},"payload":{"b":2},"id":1}`, nil, `upsert id=1 schema={"a":1} payload={"b":2}`},
		{"schema is text", "1", `{"schema":"public","payload":5}`, nil, `upsert id=1 schema="public" payload=5`},
		{"only a payload", "1", `{"payload":5}`, nil, `upsert id=1 payload=5`},
		{"broken", "1", `{"schema":{"a":1},"payload":`, nil, `error value`},
		{"broken behind", "1", `{"schema":{"a":1},"payload":{}} x`, nil, `error value`},
	})
}
