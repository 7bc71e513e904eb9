package cdc

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// All of Canal's values are text and become what the column declares.
func TestCanalTextIsWhatItsColumnDeclares(t *testing.T) {
	for _, typ := range []string{"decimal(20,0)", "decimal(20,2)", "float64", "int64", "string"} {
		for _, text := range []string{"1", "12", "123", "1234", "12345678", "-12", "0000"} {
			table := repartitionedTable(t, tables.CanalJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "x", typ))
			d, err := NewDecoder(table, Options{})
			if err != nil {
				t.Fatal(err)
			}
			want, err := tables.ParseText(table.Columns[1].Type, text)
			if err != nil {
				t.Fatal(err)
			}
			var c tables.Change
			if err := d.Decode(record("-", canal("INSERT", `[{"id":"1","x":"`+text+`"}]`, "null")), &c); err != nil || c.Values[1] != want {
				t.Errorf("%s as %s: %v, %v, want %v", text, typ, c.Values, err, want)
			}
		}
	}
}

func TestEveryTypeOfCanalsMessages(t *testing.T) {
	table := repartitionedTable(t, tables.CanalJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string"))
	row, old := `[{"id":"1","v":"a"}]`, `[{"v":"b"}]`
	ddl := func(kind string) string {
		return strings.Replace(canal(kind, "null", "null"), `"isDdl":false`, `"isDdl":true`, 1)
	}
	var events []event
	for _, kind := range []string{"INSERT", "insert", "INIT", "init", "Insert"} {
		events = append(events, event{kind, "-", canal(kind, row, "null"), nil, "upsert id=1 v=a"})
	}
	for _, kind := range []string{"UPDATE", "update"} {
		events = append(events, event{kind, "-", canal(kind, row, old), nil, "upsert id=1 v=a"})
	}
	for _, kind := range []string{"DELETE", "delete"} {
		events = append(events, event{kind, "-", canal(kind, row, "null"), nil, "delete id=1"},
			event{kind + " told by old", "-", canal(kind, "null", row), nil, "delete id=1"},
			event{kind + " with an empty data", "-", canal(kind, "[]", row), nil, "delete id=1"},
			event{kind + " told by the key", `{"id":1}`, canal(kind, "null", "null"), nil, "delete id=1"},
			event{kind + " told by nothing", "-", canal(kind, "null", "null"), nil, "error data"},
			event{kind + " of half a key", "-", canal(kind, "null", old), nil, "error key.id"})
	}
	for _, kind := range []string{"CREATE", "ALTER", "ERASE", "RENAME", "CINDEX", "DINDEX", "QUERY", "query"} {
		events = append(events, event{kind, "-", ddl(kind), nil, "skip schema_change"})
	}
	events = append(events,
		event{"truncate", "-", ddl("TRUNCATE"), nil, "truncate"}, event{"truncate in small letters", "-", ddl("truncate"), nil, "truncate"},
		event{"other DDL", "-", ddl("GRANT"), nil, "skip schema_change"}, event{"no DDL", "-", canal("GRANT", "null", "null"), nil, "skip unknown_op"},
		event{"watermark", "-", canal("TIDB_WATERMARK", "null", "null"), nil, "skip heartbeat"},
		event{"data is no list", "-", canal("INSERT", `{"id":"1"}`, "null"), nil, "error data"})
	expectEvents(t, table, events)
	f := changes(t, table, canal("INSERT", `[{"id":"1"},{"id":"2"},{"id":"3"}]`, "null"), canal("DELETE", "null", `[{"id":"1"},{"id":"3"}]`))
	if len(f.bad) > 0 || len(f.rows) != 1 {
		t.Errorf("%d rows after a delete of two that old tells, want 1: %v", len(f.rows), f.bad)
	}
}

// What TiCDC leaves out of a message that is too large is not null.
func TestTiCDCMessagesWithoutTheirRow(t *testing.T) {
	table := repartitionedTable(t, tables.CanalJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string"))
	with := func(kind, tidb string) string {
		return strings.Replace(canal(kind, `[{"id":"1"}]`, "null"), `"ts":`, `"_tidb":`+tidb+`,"ts":`, 1)
	}
	key, claim, whole := `{"commitTs":7,"onlyHandleKey":true}`, `{"commitTs":7,"claimCheckLocation":"s3://b/x.json"}`, `{"commitTs":7,"onlyHandleKey":false,"claimCheckLocation":""}`
	expectEvents(t, table, []event{
		{"insert by key", "-", with("INSERT", key), nil, "error value._tidb.onlyHandleKey"},
		{"update by key", "-", with("UPDATE", key), nil, "error value._tidb.onlyHandleKey"},
		{"delete by key", "-", with("DELETE", key), nil, "delete id=1"},
		{"insert elsewhere", "-", with("INSERT", claim), nil, "error value._tidb.claimCheckLocation"},
		{"update elsewhere", "-", with("UPDATE", claim), nil, "error value._tidb.claimCheckLocation"},
		{"delete elsewhere", "-", with("DELETE", claim), nil, "delete id=1"},
		{"whole", "-", with("INSERT", whole), nil, "upsert id=1"},
		{"null", "-", with("INSERT", "null"), nil, "upsert id=1"},
	})
}

func TestAKeyThatIsAnArraySaysSo(t *testing.T) {
	for _, table := range []*tables.Table{ruleTable(t, tables.UpsertJSON), codectest.Table(tables.UpsertJSON, "id,v", codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string"))} {
		d, err := NewDecoder(table, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var c tables.Change
		if err := d.Decode(record("[2]", `{"id":2}`), &c); err == nil || !strings.HasPrefix(err.Error(), "key: an array") {
			t.Error(err)
		}
	}
}
