package cdc

import (
	"testing"

	"github.com/tidemark/tidemark/codecs/extract"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// A member that the event does not have is null, or keeps what is stored.
func TestMissingColumns(t *testing.T) {
	columns := []tables.Column{
		codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string"), codectest.Column(t, "city", "string", "address.city"), codectest.Column(t, "zip", "string", "address.zip"),
	}
	for format, wrap := range map[tables.Format]func(row string) string{
		tables.DebeziumJSON:  func(row string) string { return op("u", row) },
		tables.FlattenedJSON: func(row string) string { return row },
		tables.UpsertJSON:    func(row string) string { return row },
	} {
		t.Run(string(format), func(t *testing.T) {
			table := codectest.Table(format, "id", columns...)
			expectEvents(t, table, []event{
				{"null by default", `1`, wrap(`{"id":1}`), nil, "upsert id=1"},
				{"null by default below", `1`, wrap(`{"v":"x","address":{"city":"Oslo"}}`), nil, "upsert id=1 v=x city=Oslo"},
			})
			table.Source.Missing = tables.MissingKeep
			expectEvents(t, table, []event{
				{"kept", `1`, wrap(`{"id":1}`), nil, "upsert id=1 v? city? zip?"},
				{"null is null", `1`, wrap(`{"v":null,"address":null}`), nil, "upsert id=1"},
				{"an object that is there is whole", `1`, wrap(`{"v":"x","address":{"city":"Oslo"}}`), nil, "upsert id=1 v=x city=Oslo"},
				{"by the whole name", `1`, wrap(`{"v":"x","address.city":"Oslo"}`), nil, "upsert id=1 v=x city=Oslo zip?"},
			})
		})
	}
}

// Kept documents keep the members, too.
func TestMissingMembersOfDocuments(t *testing.T) {
	table := codectest.Table(tables.UpsertJSON, "id", codectest.Column(t, "id", "int64"))
	table.Document, table.Source.Missing = tables.DocumentKeep, tables.MissingKeep
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var c tables.Change
	if err := d.Decode(record("1", `{"id":1}`), &c); err != nil || !c.Incomplete {
		t.Fatalf("incomplete is %v, %v", c.Incomplete, err)
	}
	for _, m := range [][3]string{
		{`{"id":1,"a":2}`, `{"id":0,"a":1,"b":{"c":[1]},"d":null}`, `{"id":1,"a":2,"b":{"c":[1]},"d":null}`},
		{`{}`, `{"a":1,"a":2}`, `{"a":1}`},
		{`{"a":1} `, `{}`, `{"a":1} `},
		{`{"a":1}`, ``, `{"a":1}`},
		{`{"a":"__debezium_unavailable_value"}`, `{"a":7,"q\"":8}`, `{"a":7,"q\"":8}`},
		{`{"a":1}`, `{"b":`, `{"a":1}`},
	} {
		if got := string(extract.MergeDocument(table, []byte(m[0]), []byte(m[1]))); got != m[2] {
			t.Errorf("%s with %s becomes %s, want %s", m[0], m[1], got, m[2])
		}
	}
}
