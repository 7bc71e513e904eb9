package cdc

import (
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// wrappedTable has all columns in one member of the value.
func wrappedTable(t testing.TB, format tables.Format, member string) *tables.Table {
	id, v := codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string")
	id.Path, v.Path = member+".ID", member+".V"
	return codectest.Table(format, "id", id, v)
}

func TestWhatIsToldBesideAWrappedRow(t *testing.T) {
	for _, format := range []tables.Format{tables.UpsertJSON, tables.FlattenedJSON} {
		expectEvents(t, wrappedTable(t, format, "after"), []event{
			{"GoldenGate inserts", `1`, `{"table":"S.T","op_type":"I","after":{"ID":1,"V":"a"}}`, nil, "upsert id=1 v=a"},
			{"GoldenGate updates", `1`, `{"table":"S.T","op_type":"U","before":{},"after":{"ID":1,"V":"b"}}`, nil, "upsert id=1 v=b"},
			{"GoldenGate deletes", `1`, `{"table":"S.T","op_type":"D","before":{"ID":1,"V":"b"}}`, nil, "delete id=1"},
			{"GoldenGate deletes without a key", `-`, `{"table":"S.T","op_type":"D","before":{"ID":1,"V":"b"}}`, nil, "delete id=1"},
			{"GoldenGate deletes without a key or a row", `-`, `{"table":"S.T","op_type":"D"}`, nil, "error key"},
			{"GoldenGate truncates", `-`, `{"table":"S.T","op_type":"T"}`, nil, "truncate"},
			{"another operation", `1`, `{"table":"S.T","op_type":"X","after":{"ID":1}}`, nil, "skip unknown_op"},
			{"CockroachDB writes", `[1]`, `{"after":{"ID":1,"V":"a"},"updated":"1.0","key":[1]}`, nil, "upsert id=1 v=a"},
			{"CockroachDB deletes", `[1]`, `{"after":null,"key":[1]}`, nil, "delete id=1"},
			{"CockroachDB is alive", `-`, `{"resolved":"1747243394200039000.0000000000"}`, nil, "skip heartbeat"},
			{"a key of several values", `[1,2]`, `{"after":{"ID":1,"V":"a"}}`, nil, "error key"},
			{"nothing is told", `1`, `{"V":"a"}`, nil, "upsert id=1"},
		})
		expectEvents(t, wrappedTable(t, format, "data"), []event{
			{"DMS loads", `1`, `{"data":{"ID":1,"V":"a"},"metadata":{"record-type":"data","operation":"load"}}`, nil, "upsert id=1 v=a"},
			{"DMS deletes", `1`, `{"data":{"ID":1,"V":"a"},"metadata":{"record-type":"data","operation":"delete"}}`, nil, "delete id=1"},
			{"DMS deletes without a key", `-`, `{"data":{"ID":1,"V":"a"},"metadata":{"record-type":"data","operation":"delete"}}`, nil, "delete id=1"},
			{"DMS makes a table", `"public.t"`, `{"metadata":{"record-type":"control","operation":"create-table"}}`, nil, "skip schema_change"},
			{"data alone", `1`, `{"data":{"ID":1,"V":"a"}}`, nil, "upsert id=1 v=a"},
		})
		// A table with a column beside the member holds rows, whatever stands in it.
		mixed := wrappedTable(t, format, "data")
		mixed.Columns = append(mixed.Columns, codectest.Column(t, "metadata", "json"))
		expectEvents(t, mixed, []event{
			{"a row", `1`, `{"data":{"ID":1,"V":"a"},"metadata":{"record-type":"data","operation":"delete"}}`, nil, `upsert id=1 v=a metadata={"record-type":"data","operation":"delete"}`},
		})
	}
}
