package cdc

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// Headers that the flattening transform adds may be plain text, JSON, or JSON with a
// schema around it, as header.converter writes them.
func TestAddedHeadersInEveryConverter(t *testing.T) {
	wrapped := func(v string) string { return `{"schema":{"type":"string","optional":false},"payload":` + v + `}` }
	table := ruleTable(t, tables.FlattenedJSON)
	row := `{"id":1,"v":"a","n":null}`
	for name, write := range map[string]func(string) string{
		"simple": func(v string) string { return strings.Trim(v, `"`) }, "json": func(v string) string { return v }, "json with a schema": wrapped,
		"no schema": func(v string) string { return `{"schema":null,"payload":` + v + `}` }, "payload alone": func(v string) string { return `{"payload":` + v + `}` },
		"payload first": func(v string) string { return ` {"payload":` + v + `,"schema":{"type":"string"}}` },
	} {
		h := func(name, v string) codecs.Header { return codecs.Header{Name: name, Value: []byte(write(v))} }
		expectEvents(t, table, []event{
			{name + ", create", "1", row, []codecs.Header{h("__op", `"c"`), h("__table", `"t"`)}, "upsert id=1 v=a"},
			{name + ", read", "1", row, []codecs.Header{h("__op", `"r"`), h("__deleted", `"false"`)}, "upsert id=1 v=a"},
			{name + ", delete", "1", row, []codecs.Header{h("__op", `"d"`)}, "delete id=1"},
			{name + ", deleted", "1", row, []codecs.Header{h("__deleted", `"true"`)}, "delete id=1"},
			{name + ", deleted as a bool", "1", row, []codecs.Header{h("__deleted", `true`)}, "delete id=1"},
			{name + ", null", "1", row, []codecs.Header{h("__op", `null`)}, "upsert id=1 v=a"},
		})
		d, err := NewDecoder(table, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var c tables.Change
		err = d.Decode(record("1", row, h("__source_connector", `"postgresql"`), h("__lsn", "99"), h("__source_ts_ms", "5")), &c)
		if err != nil || c.Source.Minor != 99 || c.Time != 5000 {
			t.Errorf("%s: %+v at %d, %v", name, c.Source, c.Time, err)
		}
	}
}

// A table may have columns of the names that an envelope's members have.
func TestColumnsWithAnEnvelopesNames(t *testing.T) {
	table := codectest.Table(tables.FlattenedJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "who", "string"))
	for _, format := range []tables.Format{tables.FlattenedJSON, tables.UpsertJSON} {
		table.Source.Format = format
		expectEvents(t, table, []event{
			{"texts", "1", `{"id":1,"who":"anna","op":"UPDATE","source":"web","before":"x","after":"y"}`, nil, "upsert id=1 who=anna"},
			{"one letter", "1", `{"id":1,"who":"anna","op":"c","source":"web","after":null}`, nil, "upsert id=1 who=anna"},
			{"nulls", "1", `{"id":1,"who":"ben","op":null,"source":null,"before":null,"after":null}`, nil, "upsert id=1 who=ben"},
			{"objects", "1", `{"id":1,"who":"ben","op":"c","source":{"a":1},"before":{},"after":{"x":1}}`, nil, "upsert id=1 who=ben"},
			{"wrapped names", "1", `{"schema":"public","payload":{"a":1},"id":1,"who":"c"}`, nil, "upsert id=1 who=c"},
			{"messages' names", "1", `{"id":1,"who":"c","data":[{}],"type":"INSERT","database":"d","table":"t","old":null}`, nil, "upsert id=1 who=c"},
			{"envelope", "1", `{"before":null,"after":{"id":1},"op":"c","source":{"connector":"mysql"}}`, nil, "error value"},
			{"deleted", "1", `{"before":{"id":1},"after":null,"op":"d","source":{"connector":"mysql"}}`, nil, "error value"},
		})
	}
}

// Text that is no JSON concerns the columns whose paths lead into it, and no others.
func TestATruncatedTextConcernsItsColumnsOnly(t *testing.T) {
	for _, doc := range []string{`"{\"city\": \"Wien\", \"str"`, `"[{\"city\""`, `"{\"city\":\"\\ud800\""`, `"{\"city\":1} x"`, `"{city}"`, `"{\"city\":"`} {
		for _, format := range []tables.Format{tables.DebeziumJSON, tables.FlattenedJSON, tables.UpsertJSON, tables.MaxwellJSON, tables.CanalJSON} {
			t.Run(string(format)+" "+doc, func(t *testing.T) {
				city := codectest.Column(t, "city", "string", "doc.city")
				city.NullOnError = true
				table := repartitionedTable(t, format, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string"), city)
				row := `{"id":1,"v":"new","doc":` + doc + `}`
				field, value := "value", row
				switch format {
				case tables.DebeziumJSON:
					field, value = "after", op("u", row)
				case tables.MaxwellJSON:
					field, value = "data", maxwell("update", row, "")
				case tables.CanalJSON:
					field, value = "data[0]", canal("UPDATE", "["+row+"]", "null")
				}
				expectEvents(t, table, []event{{"null", "1", value, nil, "upsert id=1 v=new"}})
				table.Columns[2].NullOnError = false
				expectEvents(t, table, []event{{"a dead letter", "1", value, nil, "error " + field + ".doc"}})
				table.Columns[2] = codectest.Column(t, "doc", "string")
				if strings.Contains(doc, "ud800") {
					return
				}
				d, err := NewDecoder(table, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if got := outcome(t, table, d, record("1", value)); !strings.HasPrefix(got, "upsert id=1 v=new doc=") {
					t.Error(got)
				}
			})
		}
	}
}

// The first of a column's paths that is there counts; null is there.
func TestTheFirstPathThatIsThere(t *testing.T) {
	moved := codectest.Column(t, "n", "int64", "new")
	moved.OtherPaths = []string{"old", "box.n"}
	for _, format := range []tables.Format{tables.DebeziumJSON, tables.FlattenedJSON, tables.MaxwellJSON, tables.CanalJSON} {
		table := repartitionedTable(t, format, "id", codectest.Column(t, "id", "int64"), moved)
		wrap := func(row string) string {
			switch format {
			case tables.DebeziumJSON:
				return op("u", row)
			case tables.MaxwellJSON:
				return maxwell("update", row, "")
			case tables.CanalJSON:
				return canal("UPDATE", "["+row+"]", "null")
			}
			return row
		}
		expectEvents(t, table, []event{
			{"new", "1", wrap(`{"id":1,"new":"2"}`), nil, "upsert id=1 n=2"},
			{"old", "1", wrap(`{"id":1,"old":"3"}`), nil, "upsert id=1 n=3"},
			{"both", "1", wrap(`{"id":1,"old":"3","new":"2"}`), nil, "upsert id=1 n=2"},
			{"null before old", "1", wrap(`{"old":"3","new":null,"id":1}`), nil, "upsert id=1"},
			{"the third", "1", wrap(`{"id":1,"box":{"n":"4"}}`), nil, "upsert id=1 n=4"},
			{"none", "1", wrap(`{"id":1}`), nil, "upsert id=1"},
			{"unavailable", "1", wrap(`{"id":1,"old":"__debezium_unavailable_value"}`), nil, "upsert id=1 n?"},
			{"broken", "1", wrap(`{"id":1,"box":"{"}`), nil, "error " + map[tables.Format]string{tables.DebeziumJSON: "after", tables.FlattenedJSON: "value", tables.MaxwellJSON: "data", tables.CanalJSON: "data[0]"}[format] + ".box"},
		})
		table.Source.Missing = tables.MissingKeep
		expectEvents(t, table, []event{
			{"kept", "1", wrap(`{"id":1}`), nil, "upsert id=1 n?"},
			{"old, keep", "1", wrap(`{"id":1,"old":"3"}`), nil, "upsert id=1 n=3"},
			{"a part of the box", "1", wrap(`{"id":1,"box":{}}`), nil, "upsert id=1"},
		})
	}
	key := codectest.Column(t, "id", "int64", "new_id")
	key.OtherPaths = []string{"old_id"}
	table := codectest.Table(tables.DebeziumJSON, "id", key, codectest.Column(t, "v", "string"))
	expectEvents(t, table, []event{
		{"key, new", `{"new_id":1}`, op("u", `{"new_id":1,"v":"a"}`), nil, "upsert id=1 v=a"},
		{"key, old", `{"old_id":1}`, op("u", `{"old_id":1,"v":"a"}`), nil, "upsert id=1 v=a"},
		{"key, name", `{"id":1}`, op("u", `{"v":"a"}`), nil, "upsert id=1 v=a"},
		{"key, deleted", `{"old_id":1}`, op("d", `null`), nil, "delete id=1"},
	})
	dated := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), func() tables.Column {
		c := codectest.Column(t, "at", "timestamp", "new")
		c.OtherPaths = []string{"old"}
		return c
	}())
	expectEvents(t, dated, []event{
		{"schema of the old", "1", withSchema(`{"old":1500}`, field("old", "int64", "io.debezium.time.Timestamp")), nil, "upsert id=1 at=1970-01-01T00:00:01.500000Z"},
		{"schema of the new", "1", withSchema(`{"new":1500}`, field("new", "int64", "io.debezium.time.MicroTimestamp")), nil, "upsert id=1 at=1970-01-01T00:00:00.001500Z"},
	})
}
