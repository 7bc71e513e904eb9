package cdc

import (
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// A payload may come without its schema, in keys as well; a column of that name is none.
func TestAPayloadMayStandAlone(t *testing.T) {
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), []event{
		{"both", `{"payload":{"id":1}}`, `{"payload":` + row1 + `}`, nil, "upsert id=1 v=a n=1.50"},
		{"value", `{"id":1}`, ` { "payload" : ` + row1 + ` } `, nil, "upsert id=1 v=a n=1.50"},
		{"bare key", `{"payload":1}`, row1, nil, "upsert id=1 v=a n=1.50"},
		{"delete", `{"payload":{"id":1}}`, `{"payload":{"before":{"id":1},"op":"d"}}`, nil, "delete id=1"},
		{"null", `{"payload":{"id":1}}`, `{"payload":null}`, nil, "delete id=1"},
		{"message", `{"payload":{}}`, `{"payload":{"op":"m","source":{}}}`, nil, "skip message"},
		{"no envelope", `{"id":1}`, `{"payload":7}`, nil, "error value"},
		{"three members", `{"id":1}`, `{"payload":{},"schema":{},"x":1}`, nil, "error value.op"},
	})
	for _, format := range []tables.Format{tables.FlattenedJSON, tables.UpsertJSON} {
		expectEvents(t, ruleTable(t, format), []event{
			{"row", `{"payload":{"id":1}}`, `{"payload":{"id":1,"v":"a"}}`, nil, "upsert id=1 v=a"},
			{"null", `{"payload":{"id":1}}`, `{"payload":null}`, nil, "delete id=1"},
		})
		table := codectest.Table(format, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "payload", "json"))
		expectEvents(t, table, []event{
			{"a column", "1", `{"payload":{"a":1}}`, nil, `upsert id=1 payload={"a":1}`},
			{"null in a column", "1", `{"payload":null}`, nil, "upsert id=1"},
			{"a schema beside it", "1", `{"schema":null,"payload":{"payload":{"a":1}}}`, nil, `upsert id=1 payload={"a":1}`},
		})
	}
}

// Before and after without op: what is after is the row.
func TestEnvelopesWithoutOp(t *testing.T) {
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), []event{
		{"create", "1", `{"before":null,"after":{"id":1,"v":"a"}}`, nil, "upsert id=1 v=a"},
		{"update", "1", `{"after":{"id":1,"v":"b"},"before":{"id":1,"v":"a"}}`, nil, "upsert id=1 v=b"},
		{"delete", "1", `{"before":{"id":1,"v":"a"},"after":null}`, nil, "delete id=1"},
		{"nothing", "1", `{"before":null,"after":null}`, nil, "skip no_row"},
		{"no key", "-", `{"before":null,"after":{"id":1}}`, nil, "error key"},
		{"after alone", "1", `{"after":{"id":1}}`, nil, "error value.op"},
	})
}

// A topic may hold several tables, whose keys look the same.
func TestOneDebeziumTableOfSeveral(t *testing.T) {
	from := func(op, source string) string {
		return `{"before":null,"after":{"id":1,"v":"a"},"source":{` + source + `},"op":"` + op + `"}`
	}
	const orders, customers = `"db":"shop","schema":"public","table":"orders"`, `"db":"shop","schema":"public","table":"customers"`
	table := ruleTable(t, tables.DebeziumJSON)
	for _, name := range []string{"orders", "public.orders", "shop.orders", "shop.public.orders"} {
		table.Source.Table = name
		expectEvents(t, table, []event{
			{name, "1", from("c", orders), nil, "upsert id=1 v=a"},
			{name + ", delete", "1", from("d", orders), nil, "delete id=1"},
			{name + ", truncate", "-", from("t", orders), nil, "truncate"},
			{name + ", another", "1", from("c", customers), nil, "skip other_table"},
			{name + ", another's key", `{"other":7}`, from("c", customers), nil, "skip other_table"},
			{name + ", another's delete", "1", from("d", customers), nil, "skip other_table"},
			{name + ", another's truncate", "-", from("t", customers), nil, "skip other_table"},
			{name + ", a longer name", "1", from("c", `"schema":"public","table":"old_orders"`), nil, "skip other_table"},
			{name + ", anybody's tombstone", "1", "-", nil, "skip tombstone"},
			{name + ", a wrapped one", "1", `{"schema":null,"payload":null}`, nil, "skip tombstone"},
		})
	}
	for _, name := range []string{"other.orders", "shop.other.orders", "rders", "s"} {
		table.Source.Table = name
		expectEvents(t, table, []event{{name, "1", from("c", orders), nil, "skip other_table"}})
	}
	table.Source.Table = "orders"
	expectEvents(t, table, []event{
		{"no table", "1", from("c", `"connector":"x"`), nil, "upsert id=1 v=a"},
		{"without op", "1", `{"before":null,"after":{"id":1},"source":{` + customers + `}}`, nil, "skip other_table"},
	})
}
