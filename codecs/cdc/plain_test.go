package cdc

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// Each line: the schema's type and name, the column's type and encoding, the value, and
// what becomes of it ("!" a dead letter).
const underSchemas = `
string | decimal(12,2) | decimal_base64 | "1234" | 1234.00
string | decimal(12,2) | decimal_base64 | "-12.50" | -12.50
string | decimal(12,2) | decimal_base64 | "bg==" | !
string | decimal(10,0) | decimal_base64 | "5678" | 5678
string | decimal(12,2) | decimal_string | "1234" | 1234.00
string | string | decimal_base64 | "1234" | 1234
string | int64 | decimal_base64 | "1234" | 1234
string | float64 | decimal_base64 | "1234" | 1234
string | decimal(20,0) | uint64_wrapped | "1234" | 1234
string | int64 | bits_le | "0101" | 101
double | decimal(12,2) | decimal_base64 | 0.25 | 0.25
double | float64 | decimal_base64 | 0.25 | 0.25
float | decimal(12,2) | decimal_base64 | 0.25 | 0.25
int64 | decimal(10,0) | decimal_base64 | 1234 | 1234
int32 | int64 | decimal_base64 | 1234 | 1234
int64 | string | decimal_base64 | 1234 | 1234
bytes org.apache.kafka.connect.data.Decimal scale=2 | decimal(12,2) | decimal_string | "bg==" | 1.10
bytes org.apache.kafka.connect.data.Decimal scale=2 | decimal(12,2) | - | 1.10 | 1.10
bytes org.apache.kafka.connect.data.Decimal scale=2 | decimal(12,2) | decimal_base64 | -12345678901234567890.12 | !
bytes org.apache.kafka.connect.data.Decimal scale=2 | decimal(38,2) | decimal_base64 | 123456789012345678901234567890123456.78 | 123456789012345678901234567890123456.78
bytes org.apache.kafka.connect.data.Decimal scale=2 | string | - | 1.10 | 1.10
bytes org.apache.kafka.connect.data.Decimal scale=2 | float64 | - | 1.10 | 1.1
bytes org.apache.kafka.connect.data.Decimal scale=0 | int64 | - | 7 | 7
bytes org.apache.kafka.connect.data.Decimal scale=2 | json | - | 1.10 | 1.10
bytes | decimal(12,2) | decimal_base64 | "bg==" | !
bytes | decimal(12,2) | bytes_base64x | "bg==" | !
int32 | date | epoch_days | 19782 | !
int64 | timestamp | epoch_us | 1500 | !
int64 | timestamp | epoch_ms | 1500 | !
int64 | int64 | epoch_us | 1500 | 1500
int64 | string | epoch_us | 1500 | 1500
int32 | string | epoch_days | 1500 | 1500
int64 | string | time_us | 1500 | 1500
int32 | time | time_ms | 1500 | !
int64 | timestamp | epoch_s | 1500 | 1970-01-01T00:25:00.000000Z
int32 | date | epoch_s | 86400 | 1970-01-02
double | timestamp | epoch_s | 0.5 | 1970-01-01T00:00:00.500000Z
int64 | decimal(20,0) | uint64_wrapped | -1 | 18446744073709551615
int64 | time | duration_us | 1500 | !
int64 | decimal(20,0) | bits_le | 5 | 5
string | timestamp | epoch_us | "2024-02-29T12:34:56Z" | 2024-02-29T12:34:56.000000Z
string | timestamp | epoch_us | "1500" | !
string | date | epoch_days | "2024-02-29" | 2024-02-29
string | date | iso_timestamp | "2024-02-29" | 2024-02-29
string | time | time_us | "12:34:56" | 12:34:56.000000
string | string | epoch_us | "1500" | 1500
string | json | json_string | "{\"a\":1}" | {"a":1}
string | json | - | "{\"a\":1}" | "{\"a\":1}"
string | string | duration_us | "P1D" | P1D
string | bytes | bytes_hex | "deadbeef" | 3q2+7w==
string | bytes | bytes_base64 | "3q2+7w==" | 3q2+7w==
string | bytes | bytes_base64 | "deadbeef" | !
string | bytes | bytes_base64 | "hello world" | !
string | bytes | bytes_base64 | "" | 
string | bytes | - | "deadbeef" | !
bytes | bytes | bytes_hex | "3q2+7w==" | 3q2+7w==
bytes | bytes | - | "deadbeef" | deadbeef
bytes | string | - | "YWJj" | YWJj
bytes | string | bytes_base64 | "YWJj" | abc
bytes | string | bytes_hex | "YWJj" | abc
bytes | int64 | bits_le | "AQI=" | 513
string | uuid | bytes_base64 | "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11
string | uuid | bytes_base64 | "oO68mZwLTvi7bWu5vTgKEQ==" | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11
string | uuid | bytes_hex | "a0eebc999c0b4ef8bb6d6bb9bd380a11" | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11
boolean | bool | bits_le | true | true
string io.debezium.data.Enum | decimal(12,2) | decimal_base64 | "1234" | 1234.00
int64 io.debezium.time.MicroTimestamp | timestamp | epoch_ms | 1500 | 1970-01-01T00:00:00.001500Z
`

// The schema of a record wins over what its column declares, in every mode that a
// connector has and after every change of type.
func TestTheSchemaWinsOverADeclaredEncoding(t *testing.T) {
	for line := range strings.SplitSeq(strings.TrimSpace(underSchemas), "\n") {
		f := strings.Split(strings.TrimSuffix(line, " ")+" ", " | ")
		schema, raw, want := f[0], f[3], strings.TrimSpace(f[4])
		if f[2] == "-" || f[2] == "bytes_base64x" {
			f[2] = ""
		}
		for _, format := range []tables.Format{tables.DebeziumJSON, tables.FlattenedJSON, tables.UpsertJSON} {
			t.Run(string(format)+" "+line, func(t *testing.T) {
				table := codectest.Table(format, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "x", f[1], f[2]))
				value := withSchema(`{"id":1,"x":`+raw+`}`, fieldOf(schema))
				if format != tables.DebeziumJSON {
					value = `{"schema":{"type":"struct","fields":[` + fieldOf(schema) + `]},"payload":{"id":1,"x":` + raw + `}}`
				}
				d, err := NewDecoder(table, Options{})
				if err != nil {
					t.Fatal(err)
				}
				var c tables.Change
				switch err := d.Decode(record(`{"id":1}`, value), &c); {
				case err != nil && want == "!":
				case err != nil:
					t.Error(err)
				case want == "!":
					t.Errorf("it is read as %v", c.Values[1])
				default:
					if got := string(tables.AppendText(nil, table.Columns[1].Type, c.Values[1])); got != want {
						t.Errorf("got %s, want %s", got, want)
					}
				}
			})
		}
	}
}

// A mode that changes in the middle of a topic is read by each record's own schema.
func TestDecimalModesThatChangeInMidStream(t *testing.T) {
	table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "x", "decimal(12,2)", "decimal_base64"))
	precise := field("x", "bytes", "org.apache.kafka.connect.data.Decimal", "scale", "2")
	expectEvents(t, table, []event{
		{"precise", "1", withSchema(`{"x":"bg=="}`, precise), nil, "upsert id=1 x=1.10"},
		{"string", "1", withSchema(`{"x":"1234"}`, field("x", "string", "")), nil, "upsert id=1 x=1234.00"},
		{"double", "1", withSchema(`{"x":12.5}`, field("x", "double", "")), nil, "upsert id=1 x=12.50"},
		{"precise again", "1", withSchema(`{"x":"bg=="}`, precise), nil, "upsert id=1 x=1.10"},
		{"numeric", "1", withSchema(`{"x":1.1}`, precise), nil, "upsert id=1 x=1.10"},
		{"no schema", "1", op("c", `{"x":"bg=="}`), nil, "upsert id=1 x=1.10"},
	})
}
