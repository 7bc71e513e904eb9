package cdc

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// Every shape of the placeholder keeps the stored value.
func TestPlaceholdersInEveryShape(t *testing.T) {
	for _, holder := range []string{"", "left out"} {
		table := ruleTable(t, tables.DebeziumJSON)
		table.Source.Placeholder = holder
		table.Columns = append(table.Columns, codectest.Column(t, "j", "json"), codectest.Column(t, "d", "date", "epoch_days"))
		d, err := NewDecoder(table, Options{})
		if err != nil {
			t.Fatal(err)
		}
		text := holder
		if text == "" {
			text = codectest.PlaceholderText
		}
		all := codectest.PlaceholderShapes(text)
		if holder == "" {
			all["array of uuids"] = `["b68a35a7-17ad-35b3-af2a-ae46edb4545a"]`
			all["escaped"] = `"\u005f\u005fdebezium_unavailable_value"`
		}
		for name, shape := range all {
			r := record(`{"id":1}`, op("u", `{"id":1,"v":`+shape+`,"n":`+shape+`,"j":`+shape+`,"d":`+shape+`}`))
			if got := outcome(t, table, d, r); got != "upsert id=1 v? n? j? d?" {
				t.Errorf("%q as %s: %s", text, name, got)
			}
			var c tables.Change
			if err := d.Decode(r, &c); err != nil || !c.Incomplete {
				t.Errorf("%q as %s: complete", text, name)
			}
		}
	}
}

func TestPathsBelowAPlaceholderAreUnavailable(t *testing.T) {
	table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "city", "string", "address.city"), codectest.Column(t, "zip", "string", "address.post.zip"))
	expectEvents(t, table, []event{
		{"placeholder", `{"id":1}`, op("u", `{"id":1,"address":"`+codectest.PlaceholderText+`"}`), nil, "upsert id=1 city? zip?"},
		{"text", `{"id":1}`, op("u", `{"id":1,"address":"{\"city\": \"Oslo\", \"post\": {\"zip\": 12}}"}`), nil, "upsert id=1 city=Oslo zip=12"},
		{"text in text", `{"id":1}`, op("u", `{"id":1,"address":"{\"post\": \"{\\\"zip\\\": \\\"q\\\"}\"}"}`), nil, "upsert id=1 zip=q"},
		{"object", `{"id":1}`, op("u", `{"id":1,"address":{"post":{"zip":"1"},"city":null}}`), nil, "upsert id=1 zip=1"},
		{"no object", `{"id":1}`, op("u", `{"id":1,"address":"somewhere"}`), nil, "upsert id=1"},
		{"null", `{"id":1}`, op("u", `{"id":1,"address":null}`), nil, "upsert id=1"},
		{"dots in a name", `{"id":1}`, op("u", `{"id":1,"address.city":"Rome"}`), nil, "upsert id=1 city=Rome"},
		{"broken", `{"id":1}`, op("u", `{"id":1,"address":"{\"city\": "}`), nil, "error after.address"},
	})
}

func TestPathsLeadIntoArrays(t *testing.T) {
	table := codectest.Table(tables.UpsertJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "first", "string", "items.0.sku"), codectest.Column(t, "second", "json", "items.1"))
	expectEvents(t, table, []event{
		{"array", "1", `{"items":[{"sku":"a"},{"sku":"b"},{"sku":"c"}]}`, nil, `upsert id=1 first=a second={"sku":"b"}`},
		{"short", "1", `{"items":[{"sku":"a"}]}`, nil, `upsert id=1 first=a`},
		{"empty", "1", `{"items":[]}`, nil, `upsert id=1`},
		{"object", "1", `{"items":{"0":{"sku":"a"},"1":null}}`, nil, `upsert id=1 first=a`},
		{"text", "1", `{"items":" [{\"sku\":\"a\"}, 5]"}`, nil, `upsert id=1 first=a second=5`},
		{"broken text", "1", `{"items":"[1"}`, nil, `error value.items`},
		{"placeholder", "1", `{"items":["` + codectest.PlaceholderText + `"]}`, nil, `upsert id=1 first? second?`},
		{"map placeholder", "1", `{"items":{"` + codectest.PlaceholderText + `":"` + codectest.PlaceholderText + `"}}`, nil, `upsert id=1 first? second?`},
		{"broken", "1", `{"items":[{"sku":"a"} 5]}`, nil, `error value`},
		{"too deep", "1", `{"items":` + strings.Repeat("[", jsontext.MaxDepth+1) + strings.Repeat("]", jsontext.MaxDepth+1) + `}`, nil, `error value`},
	})
}

func TestDocumentWithAPlaceholderIsIncomplete(t *testing.T) {
	table := ruleTable(t, tables.DebeziumJSON)
	table.Document = tables.DocumentKeep
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[string]bool{
		`{"id":1,"v":"a","other":"` + codectest.PlaceholderText + `"}`: true,
		`{"id":1,"v":"a","other":"b"}`:                                 false,
	} {
		var c tables.Change
		if err := d.Decode(record(`{"id":1}`, op("u", after)), &c); err != nil || c.Incomplete != want || string(c.Document) != after {
			t.Errorf("%s: incomplete %v, document %s, %v", after, c.Incomplete, c.Document, err)
		}
	}
}

func TestDocumentsAndJSONStandOnOneLine(t *testing.T) {
	table := codectest.Table(tables.UpsertJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "j", "json"), codectest.Column(t, "k", "json", "json_string"))
	table.Document = tables.DocumentKeep
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var c tables.Change
	if err := d.Decode(record(`1`, "{\"j\":{\r\n\"a\":1},\n\"k\":\"\\n[1,\\n2]\"}"), &c); err != nil {
		t.Fatal(err)
	}
	if got := c.Values[1].Str(); got != `{  "a":1}` {
		t.Errorf("%q", got)
	}
	if got := c.Values[2].Str(); got != `[1, 2]` {
		t.Errorf("%q", got)
	}
	if strings.ContainsAny(string(c.Document), "\r\n") || !json.Valid(c.Document) {
		t.Errorf("%q", c.Document)
	}
}
