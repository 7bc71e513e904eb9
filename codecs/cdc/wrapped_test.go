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
		// A table with a column beside the member holds rows, whatever is in it.
		mixed := wrappedTable(t, format, "data")
		mixed.Columns = append(mixed.Columns, codectest.Column(t, "metadata", "json"))
		expectEvents(t, mixed, []event{
			{"a row", `1`, `{"data":{"ID":1,"V":"a"},"metadata":{"record-type":"data","operation":"delete"}}`, nil, `upsert id=1 v=a metadata={"record-type":"data","operation":"delete"}`},
		})
	}
}

func TestFormatsWhoseRowStandsInAMember(t *testing.T) {
	table := func(format tables.Format) *tables.Table {
		id, v := codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string")
		id.Path, v.Path = "ID", "V"
		return codectest.Table(format, "id", id, v)
	}
	expectEvents(t, table(tables.OGGJSON), []event{
		{"insert", `"SHOP.T"`, `{"table":"S.T","op_type":"I","after":{"ID":1,"V":"a"}}`, nil, "upsert id=1 v=a"},
		{"update", `-`, `{"table":"S.T","op_type":"U","before":{"ID":1,"V":"a"},"after":{"ID":1,"V":"b"}}`, nil, "upsert id=1 v=b"},
		{"the key changed", `-`, `{"table":"S.T","op_type":"U","before":{"ID":1},"after":{"ID":2,"V":"b"}}`, nil, "error key.id"},
		{"delete", `-`, `{"table":"S.T","op_type":"D","before":{"ID":1,"V":"b"}}`, nil, "delete id=1"},
		{"truncate", `-`, `{"table":"S.T","op_type":"T"}`, nil, "truncate"},
		{"no row", `-`, `{"table":"S.T","op_type":"I"}`, nil, "error value.after"},
		{"a row without its key", `-`, `{"table":"S.T","op_type":"I","after":{"V":"a"}}`, nil, "error key.id"},
	})
	expectEvents(t, table(tables.DMSJSON), []event{
		{"load", `"public.t.1"`, `{"data":{"ID":1,"V":"a"},"metadata":{"record-type":"data","operation":"load"}}`, nil, "upsert id=1 v=a"},
		{"delete", `"public.t.1"`, `{"data":{"ID":1,"V":"a"},"metadata":{"record-type":"data","operation":"delete"}}`, nil, "delete id=1"},
		{"control", `"public.t"`, `{"metadata":{"record-type":"control","operation":"drop-table"}}`, nil, "skip schema_change"},
		{"data is no row", `-`, `{"data":[1],"metadata":{"record-type":"data","operation":"load"}}`, nil, "error value.data"},
	})
	expectEvents(t, table(tables.CockroachJSON), []event{
		{"write", `[1]`, `{"after":{"ID":1,"V":"a"},"updated":"1747243394200039000.0000000000"}`, nil, "upsert id=1 v=a"},
		{"delete", `[1]`, `{"after":null}`, nil, "delete id=1"},
		{"enriched", `{"ID":1}`, `{"op":"u","after":{"ID":1,"V":"b"},"source":{"db_version":"v25"},"ts_ns":1}`, nil, "upsert id=1 v=b"},
		{"enriched delete", `{"ID":1}`, `{"op":"d","after":null,"source":{"db_version":"v25"},"ts_ns":1}`, nil, "delete id=1"},
		{"resolved", `-`, `{"resolved":"1747243394200039000.0000000000"}`, nil, "skip heartbeat"},
		{"another key than the row's", `[2]`, `{"after":{"ID":1,"V":"a"}}`, nil, "error key.id"},
	})
	two := codectest.Table(tables.CockroachJSON, "a,b", codectest.Column(t, "a", "int64"), codectest.Column(t, "b", "string"), codectest.Column(t, "v", "string"))
	expectEvents(t, two, []event{
		{"two values", `[1,"x"]`, `{"after":{"a":1,"b":"x","v":"a"}}`, nil, "upsert a=1 b=x v=a"},
		{"two of a delete", `[1,"x"]`, `{"after":null}`, nil, "delete a=1 b=x"},
		{"one value", `[1]`, `{"after":{"a":1,"b":"x"}}`, nil, "error key"},
		{"in another order", `["2","1"]`, `{"after":{"a":1,"b":"2"}}`, nil, "error key.a"},
	})
}

func TestTimesBesideAWrappedRow(t *testing.T) {
	for value, want := range map[string]int64{
		`{"after":{"ID":1},"updated":"1747243394200039000.0000000002"}`: 1747243394200039,
		`{"after":{"ID":1},"updated":"x"}`:                              7,
		`{"after":{"ID":1}}`:                                            7,
	} {
		var c tables.Change
		if err := newDecoder(t, wrappedTable(t, tables.UpsertJSON, "after")).Decode(record("1", value), &c); err != nil || c.Time != want {
			t.Errorf("%s: time %d, %v; want %d", value, c.Time, err, want)
		}
	}
	var c tables.Change
	value := `{"data":{"ID":1},"metadata":{"record-type":"data","operation":"load","timestamp":"2026-01-01T00:00:00.000005Z"}}`
	if err := newDecoder(t, wrappedTable(t, tables.UpsertJSON, "data")).Decode(record("1", value), &c); err != nil || c.Time != 1767225600000005 {
		t.Errorf("time %d, %v", c.Time, err)
	}
}

func TestADeclaredMemberHasTheRow(t *testing.T) {
	table := ruleTable(t, tables.UpsertJSON)
	table.Source.Row, table.Document = "payload", tables.DocumentKeep
	expectEvents(t, table, []event{
		{"row", `{"id":1}`, `{"payload":{"id":1,"v":"a"},"at":5}`, nil, "upsert id=1 v=a"},
		{"alone", `{"id":1}`, `{"payload":{"id":1,"v":"a"}}`, nil, "upsert id=1 v=a"},
		{"under a schema", `{"id":1}`, `{"schema":null,"payload":{"payload":{"id":1,"v":"a"}}}`, nil, "upsert id=1 v=a"},
		{"absent", `{"id":1}`, `{"at":5}`, nil, "error value.payload"},
		{"null", `{"id":1}`, `{"payload":null}`, nil, "error value.payload"},
		{"no object", `{"id":1}`, `{"payload":7}`, nil, "error value.payload"},
		{"deleted", `{"id":1}`, "-", nil, "delete id=1"},
	})
	keeps := ruleTable(t, tables.UpsertJSON)
	keeps.Source.Row, keeps.Source.Missing = "data", tables.MissingKeep
	expectEvents(t, keeps, []event{
		{"a member that is absent", `{"id":1}`, `{"data":{"id":1,"n":null}}`, nil, "upsert id=1 v?"},
	})
	var c tables.Change
	if err := newDecoder(t, table).Decode(record(`{"id":1}`, `{"payload":{"id":1,"more":[2]},"at":5}`), &c); err != nil || string(c.Document) != `{"id":1,"more":[2]}` {
		t.Errorf("document %s, %v", c.Document, err)
	}
}

func TestRecordsThatMeetADeclaredConditionDelete(t *testing.T) {
	for condition, deletes := range map[string][]string{
		`op = 'D'`:                      {`{"id":1,"op":"D"}`},
		`op IN ('D', 'del') OR n < 0`:   {`{"id":1,"op":"del"}`, `{"id":1,"op":"U","n":"/w=="}`},
		`meta.gone = 'true'`:            {`{"id":1,"meta":{"gone":true}}`},
		`v IS NULL`:                     {`{"id":1}`, `{"id":1,"v":null}`},
		`"a name" = '1.0'`:              {`{"id":1,"a name":1.0}`},
		`headers.operation LIKE 'DEL%'`: {`{"id":1,"headers":{"operation":"DELETE"}}`},
		`op <> 'I' AND meta.x IS NULL`:  {`{"id":1,"op":"D"}`},
	} {
		table := ruleTable(t, tables.UpsertJSON)
		table.Source.DeleteWhen = condition
		var events []event
		for _, value := range deletes {
			events = append(events, event{value, `{"id":1}`, value, nil, "delete id=1"})
		}
		events = append(events, event{"kept", `{"id":1}`, `{"id":1,"v":"a","op":"I"}`, nil, "upsert id=1 v=a"})
		t.Run(condition, func(t *testing.T) { expectEvents(t, table, events) })
	}
	envelope := ruleTable(t, tables.DebeziumJSON)
	envelope.Source.DeleteWhen = "deleted_at IS NOT NULL"
	expectEvents(t, envelope, []event{
		{"marked", `{"id":1}`, op("u", `{"id":1,"v":"a","deleted_at":5}`), nil, "delete id=1"},
		{"not marked", `{"id":1}`, op("u", `{"id":1,"v":"a","deleted_at":null}`), nil, "upsert id=1 v=a"},
	})
	bad := ruleTable(t, tables.UpsertJSON)
	bad.Source.DeleteWhen = "op ="
	if _, err := NewDecoder(bad, Options{}); err == nil {
		t.Error("a condition that ends too soon is taken")
	}
}

// The splitter reads the key's columns alone, and must take a record for what the decoder does.
func TestTheSplitterKnowsAllColumns(t *testing.T) {
	mixed := wrappedTable(t, tables.UpsertJSON, "data")
	mixed.Columns = append(mixed.Columns, codectest.Column(t, "metadata", "json"))
	named := ruleTable(t, tables.FlattenedJSON)
	named.Columns = append(named.Columns, codectest.Column(t, "op", "string"), codectest.Column(t, "source", "json"), codectest.Column(t, "after", "json"))
	for value, table := range map[string]*tables.Table{
		`{"data":{"ID":1,"V":"a"},"metadata":{"record-type":"data","operation":"delete"}}`: mixed,
		`{"id":1,"op":"c","source":{"connector":"postgresql"},"after":{"id":2},"v":"a"}`:   named,
	} {
		s, err := NewSplitter(table, Options{})
		if err != nil {
			t.Fatal(err)
		}
		parts, err := s.Split(record("1", value), nil)
		if err != nil || len(parts) != 1 || parts[0].Op != tables.Upsert || parts[0].Fault != nil {
			t.Errorf("%s: %+v, %v; want an upsert", value, parts, err)
		}
	}
}
