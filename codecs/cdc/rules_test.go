package cdc

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// event is a record and what it must become: "upsert id=1 v=a", "delete id=1",
// "truncate", "skip tombstone", or "error key" with the field at fault.
type event struct {
	name       string
	key, value string // "-" for a Kafka null
	headers    []codecs.Header
	want       string
}

func ruleTable(t testing.TB, format tables.Format) *tables.Table {
	return codectest.Table(format, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string"), codectest.Column(t, "n", "decimal(10,2)", "decimal_base64"))
}

func record(key, value string, headers ...codecs.Header) *codecs.Record {
	r := &codecs.Record{Topic: "shop.public.t", Partition: 3, Offset: 42, Time: time.UnixMicro(7), Headers: headers}
	if key != "-" {
		r.Key = []byte(key)
	}
	if value != "-" {
		r.Value = []byte(value)
	}
	return r
}

// outcome writes what a record became.
func outcome(t testing.TB, table *tables.Table, d Decoder, r *codecs.Record) string {
	t.Helper()
	var c tables.Change
	err := d.Decode(r, &c)
	var e *codecs.Error
	switch {
	case errors.As(err, &e):
		return "error " + e.Field
	case err != nil:
		t.Fatalf("not an *Error: %v", err)
	case c.Op == tables.Skip:
		return "skip " + c.Reason
	}
	out := c.Op.String()
	if c.Key != "" {
		values, err := tables.DecodeKey(c.Key, table.KeyTypes())
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			out += fmt.Sprintf(" %s=%s", table.Key[i], tables.AppendText(nil, table.KeyTypes()[i], v))
		}
	}
	for i, v := range c.Values {
		col := table.Columns[i]
		switch {
		case v.Kind() == tables.Unavailable:
			out += " " + col.Name + "?"
		case v.Kind() != tables.Null && !strings.Contains(out, " "+col.Name+"="):
			out += fmt.Sprintf(" %s=%s", col.Name, tables.AppendText(nil, col.Type, v))
		}
	}
	return out
}

func expectEvents(t *testing.T, table *tables.Table, events []event) {
	t.Helper()
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		t.Run(e.name, func(t *testing.T) {
			if got := outcome(t, table, d, record(e.key, e.value, e.headers...)); got != e.want {
				t.Errorf("got  %s\nwant %s", got, e.want)
			}
		})
	}
}

const (
	row1   = `{"before":null,"after":{"id":1,"v":"a","n":"AJY="},"source":{"connector":"postgresql","lsn":5},"op":"c"}`
	schema = `{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}],"optional":false,"name":"t.Key"}`
)

func op(op, after string) string {
	return `{"before":null,"after":` + after + `,"source":{"connector":"postgresql","lsn":5},"op":"` + op + `"}`
}

// Identity is the key's fields, whatever bytes the converter wrote.
func TestIdentityIsTheDecodedKey(t *testing.T) {
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), []event{
		{"object", `{"id":1}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"spaces", " { \"id\" : 1 } ", row1, nil, "upsert id=1 v=a n=1.50"},
		{"text", `{"id":"1"}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"fraction of zeros", `{"id":1.0}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"exponent", `{"id":1e0}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"bare", `1`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"bare text", `"1"`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"schema", `{"schema":` + schema + `,"payload":{"id":1}}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"null schema", `{"schema":null,"payload":{"id":1}}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"payload first", `{"payload":{"id":1},"schema":` + schema + `}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"bare with schema", `{"schema":{"type":"int32","optional":false},"payload":1}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"other members", `{"x":[{}],"id":1}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"the key wins over the row", `{"id":2}`, row1, nil, "upsert id=2 v=a n=1.50"},
		{"escaped name", `{"\u0069d":1}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"half", `{"id":1.5}`, row1, nil, "error key.id"},
		{"too large", `{"id":9223372036854775808}`, row1, nil, "error key.id"},
		{"largest", `{"id":9223372036854775807}`, op("d", "null"), nil, "delete id=9223372036854775807"},
		{"twice", `{"id":1,"id":2}`, row1, nil, "error key"},
		{"cut", `{"id":1`, row1, nil, "error key"},
		{"more", `{"id":1}}`, row1, nil, "error key"},
		{"no member", `{"x":1}`, row1, nil, "error key.id"},
		{"array", `[1]`, row1, nil, "error key"},
		{"text", `one`, row1, nil, "error key.id"},
		{"no UTF-8", "\xff", row1, nil, "error key"},
		{"schema that is none", `{"schema":{"fields":1},"payload":{"id":1}}`, row1, nil, "error key.schema"},
	})
}

func TestKeysOfSeveralColumns(t *testing.T) {
	table := codectest.Table(tables.UpsertJSON, "region,num,d", codectest.Column(t, "num", "int64"), codectest.Column(t, "region", "string"),
		codectest.Column(t, "d", "date", "epoch_days"), codectest.Column(t, "v", "string"))
	expectEvents(t, table, []event{
		{"index order", `{"num":1,"region":"eu","d":19723}`, `{"v":"x"}`, nil, "upsert region=eu num=1 d=2024-01-01 v=x"},
		{"another order", `{"d":"19723","region":"eu","num":"1"}`, `{"v":"x"}`, nil, "upsert region=eu num=1 d=2024-01-01 v=x"},
		{"one from the row", `{"num":1,"region":"eu"}`, `{"v":"x","d":19723}`, nil, "upsert region=eu num=1 d=2024-01-01 v=x"},
		{"none in the row", `{"num":1,"region":"eu"}`, `{"v":"x"}`, nil, "error key.d"},
		{"null in the row", `{"num":1,"region":"eu"}`, `{"v":"x","d":null}`, nil, "error key.d"},
		{"placeholder in the row", `{"num":1,"d":1}`, `{"v":"x","region":"__debezium_unavailable_value"}`, nil, "error key.region"},
		{"a delete needs all", `{"num":1,"region":"eu"}`, "-", nil, "error key.d"},
		{"null in the key", `{"num":1,"region":null,"d":0}`, "-", nil, "delete region= num=1 d=1970-01-01"},
		{"bare", `1`, `{"v":"x"}`, nil, "error key"},
	})
}

func TestBareKeysOfText(t *testing.T) {
	table := codectest.Table(tables.UpsertJSON, "id", codectest.Column(t, "id", "string"), codectest.Column(t, "v", "string"))
	expectEvents(t, table, []event{
		{"plain", `abc`, `{"v":"x"}`, nil, "upsert id=abc v=x"},
		{"quoted", `"abc"`, `{"v":"x"}`, nil, "upsert id=abc v=x"},
		{"number", `12`, `{"v":"x"}`, nil, "upsert id=12 v=x"},
		{"leading zeros", `007`, `{"v":"x"}`, nil, "upsert id=007 v=x"},
		{"no number", `1-2`, `{"v":"x"}`, nil, "upsert id=1-2 v=x"},
		{"a quote inside", `a"b`, `{"v":"x"}`, nil, `upsert id=a"b v=x`},
		{"a word like null", `nullable`, `{"v":"x"}`, nil, "upsert id=nullable v=x"},
		{"cut JSON", `{"id":"a`, `{"v":"x"}`, nil, "error key"},
		{"cut string", `"abc`, `{"v":"x"}`, nil, "error key"},
		{"half a pair", `"\ud800"`, `{"v":"x"}`, nil, "error key.id"},
		{"a pair", `"\ud83d\ude00"`, `{"v":"x"}`, nil, "upsert id=😀 v=x"},
	})
	uuid := codectest.Table(tables.UpsertJSON, "id", codectest.Column(t, "id", "uuid"))
	expectEvents(t, uuid, []event{
		{"uuid", `A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11`, `{}`, nil, "upsert id=a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
	})
}

func TestKeyMembersByPathAndName(t *testing.T) {
	table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "string", "_id.$oid"), codectest.Column(t, "v", "string"))
	expectEvents(t, table, []event{
		{"mongodb", `{"id":"{\"$oid\": \"596e\"}"}`, op("c", `"{\"_id\": {\"$oid\": \"596e\"}, \"v\": \"x\"}"`), nil, "upsert id=596e v=x"},
		{"by its name", `{"id":"596e"}`, op("d", "null"), nil, "delete id=596e"},
		{"by its path", `{"_id":{"$oid":"596e"}}`, op("d", "null"), nil, "delete id=596e"},
	})
}

// Six forms of a delete.
func TestEveryFormOfDelete(t *testing.T) {
	deletes := []event{
		{"null", `{"id":1}`, "-", nil, "delete id=1"},
		{"empty", `{"id":1}`, "", nil, "delete id=1"},
		{"the text null", `{"id":1}`, "null", nil, "delete id=1"},
		{"the text null with spaces", `{"id":1}`, " null\n", nil, "delete id=1"},
		{"null payload", `{"id":1}`, `{"schema":{"type":"struct","fields":[]},"payload":null}`, nil, "delete id=1"},
		{"null payload and schema", `{"id":1}`, `{"schema":null,"payload":null}`, nil, "delete id=1"},
	}
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), append(deletes,
		event{"op d", `{"id":1}`, op("d", "null"), nil, "delete id=1"},
		event{"op d with schema", `{"id":1}`, `{"schema":{"type":"struct"},"payload":` + op("d", "null") + `}`, nil, "delete id=1"},
		event{"spaces alone are none", `{"id":1}`, "  ", nil, "error value"},
		event{"op d without after", `{"id":1}`, `{"op":"d"}`, nil, "delete id=1"},
	))
	flat := append(deletes,
		event{"deleted as text", `{"id":1}`, `{"id":1,"v":null,"__deleted":"true"}`, nil, "delete id=1"},
		event{"deleted as bool", `{"id":1}`, `{"id":1,"v":null,"__deleted":true}`, nil, "delete id=1"},
		event{"deleted as header", `{"id":1}`, `{"id":1,"v":"x"}`, []codecs.Header{{Name: "__deleted", Value: []byte("true")}}, "delete id=1"},
		event{"op as member", `{"id":1}`, `{"id":1,"v":null,"__op":"d"}`, nil, "delete id=1"},
		event{"op as header", `{"id":1}`, `{"id":1,"v":null}`, []codecs.Header{{Name: "__op", Value: []byte("d")}}, "delete id=1"},
		event{"op as quoted header", `{"id":1}`, `{"id":1,"v":null}`, []codecs.Header{{Name: "__op", Value: []byte(`"d"`)}}, "delete id=1"},
		event{"not deleted", `{"id":1}`, `{"id":1,"v":"x","__deleted":"false","__op":"u"}`, nil, "upsert id=1 v=x"},
		event{"not deleted as bool", `{"id":1}`, `{"id":1,"v":"x","__deleted":false}`, nil, "upsert id=1 v=x"},
		event{"deleted null", `{"id":1}`, `{"id":1,"v":"x","__deleted":null}`, nil, "upsert id=1 v=x"},
		event{"with schema", `{"id":1}`, `{"schema":{"type":"struct","fields":[]},"payload":{"id":1,"__deleted":"true"}}`, nil, "delete id=1"},
	)
	expectEvents(t, ruleTable(t, tables.FlattenedJSON), flat)
	expectEvents(t, ruleTable(t, tables.UpsertJSON), flat)
}

// C, r and u are upserts of after; without it they leave the row alone.
func TestCreateReadAndUpdateAreUpserts(t *testing.T) {
	var events []event
	for _, o := range []string{"c", "r", "u"} {
		events = append(events,
			event{o, `{"id":1}`, op(o, `{"id":1,"v":"a"}`), nil, "upsert id=1 v=a"},
			event{o + " without a row", `{"id":1}`, op(o, `null`), nil, "skip no_row"},
			event{o + " without after", `{"id":1}`, `{"op":"` + o + `"}`, nil, "skip no_row"},
		)
	}
	events = append(events,
		event{"op before after", `{"id":1}`, `{"op":"c","after":{"id":1,"v":"a"}}`, nil, "upsert id=1 v=a"},
		event{"the last after counts", `{"id":1}`, `{"op":"c","after":{"id":1,"v":"a","n":"AA=="},"after":{"v":"b"}}`, nil, "upsert id=1 v=b"},
		event{"the last member counts", `{"id":1}`, op("c", `{"v":"a","v":"b"}`), nil, "upsert id=1 v=b"},
		event{"after is text", `{"id":1}`, op("c", `"{\"v\": \"a\"}"`), nil, "upsert id=1 v=a"},
		event{"after is a number", `{"id":1}`, op("c", `5`), nil, "error after"},
		event{"after is no JSON", `{"id":1}`, op("c", `"{x"`), nil, "error value"},
		event{"no JSON", `{"id":1}`, `{"op":"c"`, nil, "error value"},
		event{"no object", `{"id":1}`, `[1]`, nil, "error value"},
		event{"a number", `{"id":1}`, `17`, nil, "error value"},
		event{"no envelope", `{"id":1}`, `{"id":1,"v":"a"}`, nil, "error value.op"},
		event{"schema that is none", `{"id":1}`, `{"schema":{"fields":{}},"payload":` + row1 + `}`, nil, "error value.schema"},
	)
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), events)
}

// An image before the change is never read, not even where the key is null.
func TestNothingComesFromBefore(t *testing.T) {
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), []event{
		{"delete", `{"id":1}`, `{"op":"d","before":{"id":9,"v":""},"after":null}`, nil, "delete id=1"},
		{"update", `{"id":1}`, `{"op":"u","before":{"id":1,"v":"old","n":"AA=="},"after":{"id":1}}`, nil, "upsert id=1"},
		{"delete without a key", "-", `{"op":"d","before":{"id":9,"v":""},"after":null,"source":{"connector":"postgresql"}}`, nil, "error key"},
	})
	two := codectest.Table(tables.DebeziumJSON, "a,b", codectest.Column(t, "a", "int64"), codectest.Column(t, "b", "int64"))
	expectEvents(t, two, []event{
		{"part of the key changed", `{"a":1}`, `{"op":"u","before":{"a":1,"b":1},"after":{"a":1,"b":2}}`, nil, "error key.b"},
		{"part of the key stayed", `{"a":1}`, `{"op":"u","before":{"a":1,"b":2},"after":{"a":1,"b":2}}`, nil, "upsert a=1 b=2"},
	})
}

// Both keys of a change of primary key are reported.
func TestHeadersNameTheOtherKey(t *testing.T) {
	table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "date"), codectest.Column(t, "v", "string"))
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	dated := `{"schema":{"type":"struct","fields":[{"type":"int32","name":"io.debezium.time.Date","field":"id"}]},"payload":{"id":1}}`
	for header, get := range map[string]func(*tables.Change) tables.Key{
		codecs.NewKeyHeader: func(c *tables.Change) tables.Key { return c.NewKey },
		oldKeyHeader:        func(c *tables.Change) tables.Key { return c.OldKey },
	} {
		for text, want := range map[string]tables.Key{
			`{"id":3}`: tables.EncodeKey(tables.DateValue(3)), // by the schema of the record's key
			strings.Replace(dated, `"id":1`, `"id":3`, 1): tables.EncodeKey(tables.DateValue(3)),
			`{"x":3}`: "", `{`: "", ``: "", `null`: "", "\xff": "", `{"id":"x"}`: "", `{"schema":{"fields":0},"payload":{"id":3}}`: "",
		} {
			var c tables.Change
			r := record(dated, op("c", `{"v":"x"}`), codecs.Header{Name: "other", Value: nil}, codecs.Header{Name: header, Value: []byte(text)})
			if err := d.Decode(r, &c); err != nil || get(&c) != want || c.Key != tables.EncodeKey(tables.DateValue(1)) {
				t.Errorf("%s %s: %q %q %v", header, text, get(&c), c.Key, err)
			}
		}
	}
}

// Truncate has no key.
func TestTruncateHasNoKey(t *testing.T) {
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), []event{
		{"no key", "-", op("t", "null"), nil, "truncate"},
		{"with schema", "-", `{"schema":{"type":"struct"},"payload":` + op("t", "null") + `}`, nil, "truncate"},
	})
	expectEvents(t, ruleTable(t, tables.FlattenedJSON), []event{
		{"flattened", "-", `{"id":null,"__op":"t"}`, nil, "truncate"},
	})
}

// What concerns no row is skipped and counted.
func TestSkipsWhatIsNoRow(t *testing.T) {
	heartbeat := event{"heartbeat", `{"serverName":"shop"}`, `{"ts_ms":1795328529803}`, nil, "skip heartbeat"}
	others := []event{
		heartbeat,
		{"heartbeat with schema", `{"serverName":"shop"}`, `{"schema":{"type":"struct"},"payload":{"ts_ms":1}}`, nil, "skip heartbeat"},
		{"transaction", `{"id":"7:1"}`, `{"status":"BEGIN","id":"7:1","event_count":null,"data_collections":null,"ts_ms":1}`, nil, "skip transaction"},
		{"ddl", `{"databaseName":"shop"}`, `{"source":{},"ts_ms":1,"databaseName":"shop","schemaName":null,"ddl":"USE shop","tableChanges":[]}`, nil, "skip schema_change"},
		{"notification", `{"id":"x"}`, `{"id":"x","aggregate_type":"Initial Snapshot","type":"STARTED","additional_data":{},"timestamp":1}`, nil, "skip notification"},
		{"message", `{"prefix":"p"}`, `{"op":"m","ts_ms":1,"source":{},"message":{"prefix":"p","content":"AA=="}}`, nil, "skip message"},
		{"tombstone without a key", "-", "-", nil, "skip tombstone"},
		{"text null without a key", "-", "null", nil, "skip tombstone"},
		{"null payloads", `{"schema":null,"payload":null}`, `{"schema":null,"payload":null}`, nil, "skip tombstone"},
	}
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), append(others,
		event{"unknown op", `{"id":1}`, op("x", `{"id":1}`), nil, "skip unknown_op"},
		event{"op that is no text", `{"id":1}`, `{"op":7,"after":{"id":1}}`, nil, "skip unknown_op"},
		event{"unknown fields", `{"id":1,"z":0}`, `{"zz":{"a":[1]},"op":"c","after":{"id":1,"v":"a","new":[{}]}}`, nil, "upsert id=1 v=a"},
	))
	flat := ruleTable(t, tables.FlattenedJSON)
	flat.Columns[0].Name, flat.Key[0] = "order_id", "order_id"
	expectEvents(t, flat, append(others,
		event{"message", `{"order_id":1}`, `{"order_id":1,"__op":"m"}`, nil, "skip message"},
		event{"unknown op", `{"order_id":1}`, `{"order_id":1,"__op":"x"}`, nil, "skip unknown_op"},
		event{"an envelope", `{"order_id":1}`, row1, nil, "error value"},
		event{"no address", `{"x":1}`, `{"order_id":1}`, nil, "error key.order_id"},
	))
}

func TestSkipsSignals(t *testing.T) {
	signal := func(op, table, after string) string {
		return `{"before":null,"after":` + after + `,"source":{"connector":"postgresql","lsn":5,"schema":"public","table":"` + table + `"},"op":"` + op + `"}`
	}
	texts := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "string"), codectest.Column(t, "v", "string"))
	expectEvents(t, texts, []event{
		{"a row", `{"id":"a"}`, signal("c", "orders", `{"id":"a","v":"x"}`), nil, "upsert id=a v=x"},
		{"execute", `{"id":"sig-1"}`, signal("c", "dbz_signal", `{"id":"sig-1","type":"execute-snapshot","data":"{}"}`), nil, "skip signal"},
		{"open", `{"id":"w-open"}`, signal("c", "dbz_signal", `{"id":"w-open","type":"snapshot-window-open","data":null}`), nil, "skip signal"},
		{"its removal", `{"id":"w-open"}`, signal("d", "dbz_signal", `null`), nil, "skip signal"},
		{"another row", `{"id":"b"}`, signal("c", "orders", `{"id":"b","v":"y"}`), nil, "upsert id=b v=y"},
		{"a removal of a row", `{"id":"b"}`, signal("d", "orders", `null`), nil, "delete id=b"},
		{"a row's own words", `{"id":"c"}`, signal("c", "words", `{"id":"c","type":"log","data":"x"}`), nil, "upsert id=c"},
		{"a message of the signal topic", `shop`, `{"type":"execute-snapshot","data":{"data-collections":["public.orders"]}}`, nil, "skip signal"},
	})
	signals := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "string"), codectest.Column(t, "type", "string"))
	expectEvents(t, signals, []event{
		{"a table of signals", `{"id":"s"}`, signal("c", "dbz_signal", `{"id":"s","type":"execute-snapshot","data":"{}"}`), nil, "upsert id=s type=execute-snapshot"},
	})
}

func TestHeartbeatTopics(t *testing.T) {
	for _, format := range []tables.Format{tables.DebeziumJSON, tables.UpsertJSON} {
		table := ruleTable(t, format)
		d, err := NewDecoder(table, Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := record(`{"id":1}`, `{"id":1}`)
		r.Topic = "__debezium-heartbeat.shop"
		if got := outcome(t, table, d, r); got != "skip heartbeat" {
			t.Error(got)
		}
	}
}

// A row that nobody can address is a dead letter, whatever it says.
func TestNoAddressIsAnError(t *testing.T) {
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), []event{
		{"null", "-", row1, nil, "error key"},
		{"empty", "", row1, nil, "error key"},
		{"text null", "null", row1, nil, "error key"},
		{"null payload", `{"schema":null,"payload":null}`, row1, nil, "error key"},
		{"delete", "-", op("d", "null"), nil, "error key"},
	})
	for _, format := range []tables.Format{tables.FlattenedJSON, tables.UpsertJSON} {
		expectEvents(t, ruleTable(t, format), []event{
			{"null", "-", `{"id":1,"v":"a"}`, nil, "error key"},
			{"undecodable", `{"id":"x"}`, `{"id":1,"v":"a"}`, nil, "error key.id"},
			{"deleted", "-", `{"id":1,"__deleted":"true"}`, nil, "error key"},
			{"tombstone", `{"id":"x"}`, "-", nil, "error key.id"},
		})
	}
}

// No digit is lost.
func TestNumbersKeepTheirDigits(t *testing.T) {
	table := codectest.Table(tables.UpsertJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "i", "int64"), codectest.Column(t, "d", "decimal(38,10)"), codectest.Column(t, "j", "json"), codectest.Column(t, "s", "string"))
	expectEvents(t, table, []event{
		{"beyond 2^53", `9007199254740993`, `{"i":-9007199254740993,"d":1234567890123456789012345678.0123456789,"j":{"a":12345678901234567890.10},"s":9007199254740993.10}`, nil,
			`upsert id=9007199254740993 i=-9007199254740993 d=1234567890123456789012345678.0123456789 j={"a":12345678901234567890.10} s=9007199254740993.10`},
		{"too many digits", `1`, `{"d":0.00000000001}`, nil, "error value.d"},
		{"too large", `1`, `{"d":1e28}`, nil, "error value.d"},
		{"int64 beyond", `1`, `{"i":1e19}`, nil, "error value.i"},
	})
}
