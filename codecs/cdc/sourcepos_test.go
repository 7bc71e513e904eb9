package cdc

import (
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

func TestSourcePositions(t *testing.T) {
	table := ruleTable(t, tables.DebeziumJSON)
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, source string
		want         tables.SourcePosition
	}{
		{"postgres", `{"connector":"postgresql","snapshot":"false","lsn":24023128}`, tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 24023128}},
		{"postgres snapshot", `{"connector":"postgresql","snapshot":"first","lsn":7}`, tables.SourcePosition{Kind: tables.SourcePostgres, Snapshot: true, Minor: 7}},
		{"postgres incremental", `{"connector":"postgresql","snapshot":"incremental","lsn":null,"txId":null}`, tables.SourcePosition{Snapshot: true}},
		{"mysql", `{"connector":"mysql","snapshot":"false","file":"mysql-bin.000003","pos":154,"row":2}`, tables.SourcePosition{Kind: tables.SourceMySQL, Major: 3, Minor: 154, Sub: 2}},
		{"mariadb", `{"connector":"mariadb","snapshot":"last","file":"binlog.000010","pos":5,"row":0}`, tables.SourcePosition{Kind: tables.SourceMySQL, Snapshot: true, Major: 10, Minor: 5}},
		{"mysql without a number", `{"connector":"mysql","file":"binlog","pos":5}`, tables.SourcePosition{}},
		{"sqlserver", `{"connector":"sqlserver","commit_lsn":"00000027:00000ac0:0002","change_lsn":"00000027:00000ab8:0001","event_serial_no":2}`,
			tables.SourcePosition{Kind: tables.SourceSQLServer, Major: 0x27_00000ac0, Minor: 0x27_00000ab8, Sub: 2<<19 | 1<<6 | 2}},
		{"sqlserver snapshot", `{"connector":"sqlserver","snapshot":"true","commit_lsn":"00000027:00000ac0:0002","change_lsn":null}`,
			tables.SourcePosition{Kind: tables.SourceSQLServer, Snapshot: true, Major: 0x27_00000ac0, Sub: 2 << 19}},
		{"sqlserver broken", `{"connector":"sqlserver","commit_lsn":"NULL"}`, tables.SourcePosition{}},
		{"oracle", `{"connector":"oracle","scn":"2868546","commit_scn":"2868600","ssn":3}`, tables.SourcePosition{Kind: tables.SourceOracle, Major: 2868600, Minor: 2868546, Sub: 3}},
		{"mongodb", `{"connector":"mongodb","ts_ms":1700000000999,"ord":4}`, tables.SourcePosition{Kind: tables.SourceMongoDB, Major: 1700000000, Minor: 4}},
		{"unknown", `{"connector":"db2","lsn":4}`, tables.SourcePosition{}},
		{"null", `null`, tables.SourcePosition{}},
		{"negative", `{"connector":"postgresql","lsn":-4}`, tables.SourcePosition{}},
	} {
		var got tables.Change
		if err := d.Decode(record(`1`, `{"op":"d","source":`+c.source+`}`), &got); err != nil || withoutEpoch(got.Source) != c.want {
			t.Errorf("%s: %+v %v", c.name, got.Source, err)
		}
	}
}

func TestTimeIsTheDatabasesElseTheRecords(t *testing.T) {
	d, err := NewDecoder(ruleTable(t, tables.DebeziumJSON), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]int64{
		`{"ts_ms":1500,"ts_us":1500123}`: 1500123, `{"ts_ms":1500}`: 1500000, `{"ts_ms":0}`: 7, `{}`: 7, `null`: 7, `{"ts_us":"x"}`: 7,
		`{"ts_ms":9223372036854775807}`: 7,
	} {
		var c tables.Change
		if err := d.Decode(record(`1`, `{"op":"d","ts_ms":99,"source":`+source+`}`), &c); err != nil || c.Time != want {
			t.Errorf("%s: %d %v", source, c.Time, err)
		}
		if c.Partition != 3 || c.Offset != 42 {
			t.Errorf("position %d:%d", c.Partition, c.Offset)
		}
	}
}

func TestFlattenedRowsCarryTheirPosition(t *testing.T) {
	d, err := NewDecoder(ruleTable(t, tables.FlattenedJSON), Options{})
	if err != nil {
		t.Fatal(err)
	}
	pg := tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 5}
	for _, c := range []struct {
		name, value string
		headers     []codecs.Header
		want        tables.SourcePosition
		time        int64
	}{
		{"members", `{"id":1,"__lsn":5,"__source_ts_ms":1500}`, nil, pg, 1500000},
		{"long names", `{"id":1,"__source_lsn":5,"__source_ts_us":1500}`, nil, pg, 1500},
		{"headers", `{"id":1}`, []codecs.Header{{Name: "__lsn", Value: []byte("5")}, {Name: "__source_ts_ms", Value: []byte("1500")}}, pg, 1500000},
		{"headers of a delete", `null`, []codecs.Header{{Name: "__source_lsn", Value: []byte("5")}, {Name: "__ts_ms", Value: []byte("1500")}}, pg, 1500000},
		{"snapshot", `{"id":1,"__lsn":5,"__snapshot":"true"}`, nil, tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 5, Snapshot: true}, 7},
		{"mysql", `{"id":1,"__file":"b.02","__pos":3,"__row":1}`, nil, tables.SourcePosition{Kind: tables.SourceMySQL, Major: 2, Minor: 3, Sub: 1}, 7},
		{"nothing", `{"id":1}`, nil, tables.SourcePosition{}, 7},
		{"null", `{"id":1,"__lsn":null}`, nil, tables.SourcePosition{}, 7},
	} {
		var got tables.Change
		if err := d.Decode(record(`1`, c.value, c.headers...), &got); err != nil || withoutEpoch(got.Source) != c.want || got.Time != c.time {
			t.Errorf("%s: %+v %d %v", c.name, got.Source, got.Time, err)
		}
	}
}
