package cdc

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

func mongoTable(t testing.TB) *tables.Table {
	return codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "string", "_id.$oid"), codectest.Column(t, "v", "string"), codectest.Column(t, "n", "int64"),
		codectest.Column(t, "at", "timestamp"), codectest.Column(t, "city", "string", "address.city"), codectest.Column(t, "tags", "json"))
}

func mongo(op, after, update string) string {
	return `{"before":null,"after":` + after + `,"updateDescription":` + update + `,"source":{"connector":"mongodb","ts_ms":1000,"ord":2},"op":"` + op + `"}`
}

func quoted(object string) string { return string(tables.AppendJSONString(nil, object)) }

const mongoKey = `{"id":"{\"$oid\": \"596e\"}"}`

// Rows that are JSON in a text are extended JSON: their types need no encodings.
func TestMongoDBRowsAreExtendedJSON(t *testing.T) {
	expectEvents(t, mongoTable(t), []event{
		{"create", mongoKey, mongo("c", quoted(`{"_id": {"$oid": "596e"},"v":"x","n":{"$numberLong":"9007199254740993"},"at":{"$date":1500},"address":{"city":"Oslo"},"tags":["a"]}`), "null"), nil,
			`upsert id=596e v=x n=9007199254740993 at=1970-01-01T00:00:01.500000Z city=Oslo tags=["a"]`},
		{"whole update", mongoKey, mongo("u", quoted(`{"_id": {"$oid": "596e"},"v":"y","n":3}`), `{"updatedFields":"{\"v\":\"y\"}","removedFields":null,"truncatedArrays":null}`), nil,
			`upsert id=596e v=y n=3`},
		{"delete", mongoKey, mongo("d", "null", "null"), nil, "delete id=596e"},
		{"tombstone", mongoKey, "-", nil, "delete id=596e"},
		{"a date that is none", mongoKey, mongo("c", quoted(`{"at":{"$date":"soon"}}`), "null"), nil, "error after.at"},
		{"envelopes of other sources have no such types", `{"id":"1"}`, op("c", `{"n":{"$numberLong":"7"}}`), nil, "error after.n"},
	})
}

// capture.mode=change_streams: an update has only what changed.
func TestMongoDBUpdatesWithoutTheirRow(t *testing.T) {
	update := func(fields, removed, truncated string) string {
		if fields != "null" {
			fields = quoted(fields)
		}
		return mongo("u", "null", `{"updatedFields":`+fields+`,"removedFields":`+removed+`,"truncatedArrays":`+truncated+`}`)
	}
	expectEvents(t, mongoTable(t), []event{
		{"no description", mongoKey, mongo("u", "null", "null"), nil, "skip no_row"},
		{"one field", mongoKey, update(`{"v":"b"}`, "null", "null"), nil, "upsert id=596e v=b n? at? city? tags?"},
		{"nothing that is declared", mongoKey, update(`{"zz":1}`, `["yy"]`, "null"), nil, "upsert id=596e v? n? at? city? tags?"},
		{"typed", mongoKey, update(`{"n":{"$numberLong":"5"},"at":{"$date":0}}`, "null", "null"), nil, "upsert id=596e v? n=5 at=1970-01-01T00:00:00.000000Z city? tags?"},
		{"removed", mongoKey, update(`{}`, `["v","address"]`, "null"), nil, "upsert id=596e n? at? tags?"},
		{"below a path", mongoKey, update(`{"address.city":"Rome"}`, "null", "null"), nil, "upsert id=596e v? n? at? city=Rome tags?"},
		{"above a path", mongoKey, update(`{"address":{"city":"Rome"}}`, "null", "null"), nil, "upsert id=596e v? n? at? city=Rome tags?"},
		{"above a path, without it", mongoKey, update(`{"address":{}}`, "null", "null"), nil, "upsert id=596e v? n? at? tags?"},
		{"beside a path", mongoKey, update(`{"address.zip":"1"}`, "null", "null"), nil, "upsert id=596e v? n? at? city? tags?"},
		{"the whole array", mongoKey, update(`{"tags":["b"]}`, "null", "null"), nil, `upsert id=596e v? n? at? city? tags=["b"]`},
		{"a part of a value", mongoKey, update(`{"tags.0":"b"}`, "null", "null"), nil, "error updateDescription.tags"},
		{"a part removed", mongoKey, update(`null`, `["tags.0"]`, "null"), nil, "error updateDescription.tags"},
		{"an array cut", mongoKey, update(`null`, "null", `[{"field":"tags","size":1}]`), nil, "error updateDescription.tags"},
		{"an array cut that is not declared", mongoKey, update(`null`, "null", `[{"field":"other","size":1}]`), nil, "upsert id=596e v? n? at? city? tags?"},
		{"no JSON", mongoKey, update(`{"v":`, "null", "null"), nil, "error updateDescription.updatedFields"},
		{"no object", mongoKey, update(`7`, "null", "null"), nil, "error updateDescription.updatedFields"},
		{"no names", mongoKey, update(`{}`, `{"v":1}`, "null"), nil, "error updateDescription.removedFields"},
		{"no field", mongoKey, update(`{}`, "null", `[1]`), nil, "error updateDescription.truncatedArrays"},
		{"no key", "-", update(`{"v":"b"}`, "null", "null"), nil, "error key"},
	})
	table := mongoTable(t)
	table.Document = tables.DocumentKeep
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var c tables.Change
	if err := d.Decode(record(mongoKey, update(`{"v":"b"}`, "null", "null")), &c); err == nil || !strings.Contains(err.Error(), wholeRows) {
		t.Errorf("a table with documents: %v", err)
	}
}

// A key's member is JSON in a text, whatever its type: extended_json reads it.
func TestMongoDBKeysOfEveryType(t *testing.T) {
	for _, c := range []struct{ typ, key, want string }{
		{"string", `{"id":"{\"$oid\":\"596e\"}"}`, "delete id=596e"},
		{"string", `{"id":"\"a b\""}`, "delete id=a b"},
		{"string", `{"id":"abc"}`, "error key.id"},
		{"int64", `{"id":"1004"}`, "delete id=1004"},
		{"int64", `{"id":"{\"$numberLong\":\"1004\"}"}`, "delete id=1004"},
		{"uuid", `{"id":"{\"$binary\":\"oO68mZwLTvi7bWu5vTgKEQ==\",\"$type\":\"04\"}"}`, "delete id=a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{"json", `{"id":"{\"a\":1}"}`, `delete id={"a":1}`},
	} {
		table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", c.typ, "_id", "extended_json"), codectest.Column(t, "v", "string"))
		expectEvents(t, table, []event{{c.typ + " " + c.key, c.key, "-", nil, c.want}})
	}
}
