package cdc

import (
	"fmt"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

func decoded(t *testing.T, table *tables.Table, r *codecs.Record) tables.Change {
	t.Helper()
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var c tables.Change
	if err := d.Decode(r, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// What the log did not carry is asked of the stored row, under the old key
// where the key changed.
func TestUnavailableAcrossAKeyChange(t *testing.T) {
	table := ruleTable(t, tables.DebeziumJSON)
	c := decoded(t, table, record(`{"id":2}`, op("c", `{"id":2,"v":"__debezium_unavailable_value","n":"AJY="}`), codecs.Header{Name: oldKeyHeader, Value: []byte(`{"id":1}`)}))
	if !c.Incomplete || c.Values[1].Kind() != tables.Unavailable || c.OldKey != tables.EncodeKey(tables.Int64Value(1)) {
		t.Errorf("the change is %+v", c)
	}
	if c = decoded(t, table, record(`{"id":2}`, op("c", `{"id":2,"v":"x"}`))); c.Incomplete || c.OldKey != "" {
		t.Errorf("a whole row is %+v", c)
	}
}

// An event's place is its offset; the database's position is beside it,
// for every connector, and is no place where the event came from a snapshot.
func TestOrderIsTheOffset(t *testing.T) {
	table := ruleTable(t, tables.DebeziumJSON)
	for source, want := range map[string]tables.SourceKind{
		`"connector":"postgresql","lsn":7`:                        tables.SourcePostgres,
		`"connector":"mysql","file":"b.000003","pos":4,"row":0`:   tables.SourceMySQL,
		`"connector":"mariadb","file":"b.000003","pos":4,"row":0`: tables.SourceMySQL,
		`"connector":"sqlserver","commit_lsn":"00000027:00000ac0:0002","change_lsn":"00000027:00000ab8:0001","event_serial_no":1`: tables.SourceSQLServer,
		`"connector":"oracle","scn":"7","commit_scn":"9"`:                                                                         tables.SourceOracle,
		`"connector":"mongodb","ts_ms":1000,"ord":3`:                                                                              tables.SourceMongoDB,
		`"connector":"postgresql","lsn":null,"snapshot":"false"`:                                                                  tables.SourceNone,
		`"connector":"vitess","vgtid":"[]"`:                                                                                       tables.SourceNone,
		`"connector":"postgresql","lsn":7,"sequence":"[null,\"7\"]"`:                                                              tables.SourcePostgres,
	} {
		value := `{"before":null,"after":{"id":1},"source":{` + source + `},"op":"u"}`
		c := decoded(t, table, record(`{"id":1}`, value))
		if c.Partition != 3 || c.Offset != 42 || c.Source.Kind != want || c.Source.Snapshot {
			t.Errorf("%s is %+v", source, c)
		}
	}
}

// Rows of a snapshot, of whichever sort, are upserts without a place in the
// stream; an event that is repeated is the same change again.
func TestSnapshotsAndDuplicates(t *testing.T) {
	table := ruleTable(t, tables.DebeziumJSON)
	for _, marker := range []string{
		`"true"`, `"first"`, `"first_in_data_collection"`, `"last_in_data_collection"`, `"last"`, `"incremental"`, `true`,
	} {
		value := fmt.Sprintf(`{"before":null,"after":{"id":1,"v":"a"},"source":{"connector":"postgresql","lsn":9,"snapshot":%s},"op":"r"}`, marker)
		if c := decoded(t, table, record(`{"id":1}`, value)); c.Op != tables.Upsert || !c.Source.Snapshot {
			t.Errorf("%s is %+v", marker, c)
		}
	}
	once, again := decoded(t, table, record(`{"id":1}`, row1)), decoded(t, table, record(`{"id":1}`, row1))
	if once.Key != again.Key || once.Source != again.Source || tables.Compare(once.Values[1], again.Values[1]) != 0 {
		t.Errorf("%+v is not %+v", once, again)
	}
}

// A NULL that the converter made the column's default is that default, with and
// without a schema that names it.
func TestDefaultsAreWhatTheTopicSays(t *testing.T) {
	withDefault := `{"type":"string","optional":true,"default":"none","field":"v"}`
	expectEvents(t, ruleTable(t, tables.DebeziumJSON), []event{
		{"replaced", `{"id":1}`, withSchema(`{"id":1,"v":"none"}`, field("id", "int32", ""), withDefault), nil, "upsert id=1 v=none"},
		{"kept", `{"id":1}`, withSchema(`{"id":1,"v":null}`, field("id", "int32", ""), withDefault), nil, "upsert id=1"},
		{"left out", `{"id":1}`, withSchema(`{"id":1}`, field("id", "int32", ""), withDefault), nil, "upsert id=1"},
		{"without a schema", `{"id":1}`, op("c", `{"id":1,"v":"none"}`), nil, "upsert id=1 v=none"},
	})
}
