package cdc

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

func named(typ, name string, parameters ...string) string {
	return strings.Replace(field("", typ, name, parameters...), `,"field":""`, "", 1)
}

func arrayOf(items string) string {
	return `{"type":"array","optional":true,"field":"x","items":` + items + `}`
}

// The items of arrays, maps and structs become what their schema says of them.
func TestItemsAreWhatTheirSchemaSays(t *testing.T) {
	const dbz, connect = "io.debezium.time.", "org.apache.kafka.connect.data."
	decimal := named("bytes", connect+"Decimal", "scale", "2")
	for _, c := range []struct{ name, schema, raw, want string }{
		{"numeric", arrayOf(decimal), `["Kg==","AaQ=",null]`, `[0.42,4.20,null]`},
		{"numeric as numbers", arrayOf(decimal), `[0.42, 4.2]`, `[0.42,4.2]`},
		{"numeric without a scale", arrayOf(named("struct", "io.debezium.data.VariableScaleDecimal")), `[{"scale":3,"value":"BMs="}]`, `[1.227]`},
		{"date", arrayOf(named("int32", dbz+"Date")), `[19782,null]`, `["2024-02-29",null]`},
		{"timestamp", arrayOf(named("int64", dbz+"MicroTimestamp")), `[1500]`, `["1970-01-01T00:00:00.001500Z"]`},
		{"timestamp(3)", arrayOf(named("int64", dbz+"Timestamp")), `[1500]`, `["1970-01-01T00:00:01.500000Z"]`},
		{"timestamptz", arrayOf(named("string", dbz+"ZonedTimestamp")), `["2024-02-29T12:34:56Z","infinity"]`, `["2024-02-29T12:34:56.000000Z","infinity"]`},
		{"time", arrayOf(named("int64", dbz+"MicroTime")), `[1500000]`, `["00:00:01.500000"]`},
		{"timetz", arrayOf(named("string", dbz+"ZonedTime")), `["12:34:56Z"]`, `["12:34:56Z"]`},
		{"bytea", arrayOf(named("bytes", "")), `["3q2+7w=="]`, `["3q2+7w=="]`},
		{"uuid", arrayOf(named("string", "io.debezium.data.Uuid")), `["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]`, `["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]`},
		{"bool", arrayOf(named("boolean", "")), `[true,null]`, `[true,null]`},
		{"text", arrayOf(named("string", "")), `["12","bg=="]`, `["12","bg=="]`},
		{"jsonb", arrayOf(named("string", "io.debezium.data.Json")), `["{\"a\":1}"]`, `[{"a":1}]`},
		{"bits", arrayOf(named("bytes", "io.debezium.data.Bits", "length", "4")), `["BQ=="]`, `["0101"]`},
		{"nested", arrayOf(`{"type":"array","items":` + decimal + `}`), `[["Kg=="],[],null]`, `[[0.42],[],null]`},
		{"map", `{"type":"map","field":"x","keys":{"type":"string"},"values":` + decimal + `}`, `{"a\u00e9":"Kg==","b":null}`, `{"aé":0.42,"b":null}`},
		{"map of pairs", `{"type":"map","field":"x","keys":` + named("int32", dbz+"Date") + `,"values":` + decimal + `}`, `[[19782,"Kg=="]]`, `[["2024-02-29",0.42]]`},
		{"struct", `{"type":"struct","field":"x","fields":[` + field("d", "int32", dbz+"Date") + `,` + field("n", "string", "") + `]}`, `{"n":"a","d":19782,"more":1}`, `{"n":"a","d":"2024-02-29","more":1}`},
		{"nothing to tell", arrayOf(named("int32", "")), `[1,  2]`, `[1,  2]`},
	} {
		for _, kind := range []string{"json", "string"} {
			t.Run(c.name+" as "+kind, func(t *testing.T) {
				table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "x", kind))
				expectEvents(t, table, []event{{"value", "1", withSchema(`{"x":`+c.raw+`}`, c.schema), nil, "upsert id=1 x=" + c.want}})
			})
		}
	}
	table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "x", "json"))
	for name, bad := range map[string]string{"no base64": `["?"]`, "a text": `["Kg==",["x"],true]`} {
		expectEvents(t, table, []event{{name, "1", withSchema(`{"x":`+bad+`}`, arrayOf(decimal)), nil, "error after.x"}})
	}
	expectEvents(t, table, []event{
		{"unavailable", "1", withSchema(`{"x":["__debezium_unavailable_value"]}`, arrayOf(decimal)), nil, "upsert id=1 x?"},
		{"null", "1", withSchema(`{"x":null}`, arrayOf(decimal)), nil, "upsert id=1"},
	})
}

// Without a schema the column says what its items are; with one, the schema.
func TestDeclaredItems(t *testing.T) {
	for _, c := range []struct{ items, encoding, schema, raw, want string }{
		{"decimal(8,2)", "decimal_base64", "", `["Kg==",["AaQ="],null]`, `x=[0.42,[4.20],null]`},
		{"decimal(8,2)", "decimal_string", "", `["0.42","1234"]`, `x=[0.42,1234.00]`},
		{"decimal(8,2)", "", "", `[0.42,4]`, `x=[0.42,4.00]`},
		{"date", "epoch_days", "", `[19782]`, `x=["2024-02-29"]`},
		{"timestamp", "epoch_us", "", `[1500]`, `x=["1970-01-01T00:00:00.001500Z"]`},
		{"timestamp", "", "", `["2024-02-29T12:34:56Z"]`, `x=["2024-02-29T12:34:56.000000Z"]`},
		{"bytes", "bytes_hex", "", `["deadbeef"]`, `x=["3q2+7w=="]`},
		{"int64", "", "", `["7"]`, `x=[7]`},
		{"json", "json_string", "", `["{}"]`, `x=[{}]`},
		{"decimal(8,2)", "decimal_base64", "", `["0.421"]`, ""},
		{"date", "", "", `["x"]`, ""},
		{"decimal(8,2)", "decimal_base64", named("string", ""), `["1234"]`, `x=[1234.00]`},
		{"decimal(8,2)", "", named("bytes", "org.apache.kafka.connect.data.Decimal", "scale", "1"), `["Kg=="]`, `x=[4.20]`},
		{"date", "epoch_days", named("int32", ""), `[1]`, ""},
	} {
		items, err := tables.ParseType(c.items)
		if err != nil {
			t.Fatal(err)
		}
		col := codectest.Column(t, "x", "json", c.encoding)
		col.Items = &items
		value, want := op("c", `{"x":`+c.raw+`}`), "upsert id=1 "+c.want
		if c.schema != "" {
			value = withSchema(`{"x":`+c.raw+`}`, arrayOf(c.schema))
		}
		if c.want == "" {
			want = "error after.x"
		}
		expectEvents(t, codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), col), []event{{c.items + " " + c.raw, "1", value, nil, want}})
	}
}
