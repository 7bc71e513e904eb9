package codecs

import (
	"reflect"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// withoutEpoch is for tests of what stands in one log.
func withoutEpoch(p tables.SourcePosition) tables.SourcePosition {
	p.Epoch, p.Serial = 0, 0
	return p
}

// placedRow is a row whose key may stand in several partitions.
func placedRow() *tables.Row {
	return &tables.Row{
		Values: []tables.Value{tables.Int64Value(1)}, Offset: 5, Time: 1_700_000_000_123_456, Logged: 1_700_000_000_200_000, Home: 5, Unsettled: true,
		Source:   tables.SourcePosition{Kind: tables.SourceMySQL, Major: 3, Minor: 154, Sub: 2, Epoch: 0xdeadbeef, Serial: 23},
		Streamed: tables.SourcePosition{Kind: tables.SourceMySQL, Major: 2, Minor: 5, Epoch: 7}, StreamedTime: 77,
	}
}

func TestPlacesOfRowsAndDeletionsComeBack(t *testing.T) {
	want := placedRow()
	s, err := ParseStateRow(AppendStateRow(nil, 7, want))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Row(nil)
	if err != nil || !reflect.DeepEqual(&got, want) {
		t.Errorf("row %+v, %v; want %+v", got, err, want)
	}
	if s.Standing() != want.Standing() {
		t.Errorf("standing %+v, want %+v", s.Standing(), want.Standing())
	}
	for _, d := range []Deletion{
		{Read: 5_000, Time: 3_000_000, Logged: 4_000_000, Home: 3, Source: want.Source, NewKey: "new"},
		{Time: 3_000_000, Source: tables.SourcePosition{Snapshot: true}, Hidden: true},
		{Time: 1, GivenUp: true, Source: want.Source, Truncate: true, Partition: 3, Offset: 77},
		{Time: -1_000, Logged: 1_000},
	} {
		got, err := ParseDeletion(AppendDeletion(nil, &d))
		if err != nil || got != d {
			t.Errorf("deletion %+v, %v; want %+v", got, err, d)
		}
	}
}

// Positions have an order within one log only.
func TestEpochsOfSources(t *testing.T) {
	d, err := NewDecoder(ruleTable(t, tables.DebeziumJSON), Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := func(source string) tables.SourcePosition {
		var c tables.Change
		if err := d.Decode(record(`1`, `{"op":"d","source":`+source+`}`), &c); err != nil {
			t.Fatal(err)
		}
		return c.Source
	}
	for _, c := range []struct {
		name, a, b string
		order      int
		ok         bool
	}{
		{"one log", `{"connector":"postgresql","name":"x","db":"d","lsn":5}`, `{"connector":"postgresql","name":"x","db":"d","lsn":7}`, -1, true},
		{"two databases", `{"connector":"postgresql","name":"x","db":"d","lsn":5}`, `{"connector":"postgresql","name":"x","db":"e","lsn":7}`, 0, false},
		{"two connectors", `{"connector":"postgresql","name":"x","lsn":5}`, `{"connector":"postgresql","name":"y","lsn":7}`, 0, false},
		{"a snapshot", `{"connector":"postgresql","name":"x","snapshot":"true","lsn":5}`, `{"connector":"postgresql","name":"x","lsn":7}`, 0, false},
		{"one server", `{"connector":"mysql","server_id":11,"file":"b.000002","pos":4}`, `{"connector":"mysql","server_id":11,"file":"b.000001","pos":9}`, 1, true},
		{"two databases of a server", `{"connector":"mysql","db":"a","server_id":11,"file":"b.2","pos":4}`, `{"connector":"mysql","db":"b","server_id":11,"file":"b.1","pos":9}`, 1, true},
		{"two servers", `{"connector":"mysql","server_id":11,"file":"b.000042","pos":4}`, `{"connector":"mysql","server_id":22,"file":"b.000001","pos":9}`, 0, false},
		{"GTIDs, files of two servers", `{"connector":"mysql","server_id":11,"gtid":"aa:7","file":"b.42","pos":4}`, `{"connector":"mysql","server_id":22,"gtid":"aa:8","file":"b.1","pos":9}`, -1, true},
		{"rows of one transaction", `{"connector":"mysql","gtid":"aa:7","file":"b.42","pos":4,"row":1}`, `{"connector":"mysql","gtid":"aa:7","file":"b.42","pos":4,"row":0}`, 1, true},
		{"two sources of GTIDs", `{"connector":"mysql","server_id":11,"gtid":"aa:7","file":"b.1","pos":4}`, `{"connector":"mysql","server_id":11,"gtid":"bb:8","file":"b.1","pos":9}`, 0, false},
		{"GTIDs of MariaDB", `{"connector":"mariadb","gtid":"0-1-99","file":"b.2","pos":4}`, `{"connector":"mariadb","gtid":"0-1-100","file":"b.1","pos":9}`, -1, true},
		{"GTIDs of two servers of MariaDB", `{"connector":"mariadb","gtid":"0-1-99","file":"b.2","pos":4}`, `{"connector":"mariadb","gtid":"0-2-100","file":"b.1","pos":9}`, 0, false},
	} {
		if order, ok := at(c.a).Order(at(c.b)); order != c.order || ok != c.ok {
			t.Errorf("%s: %d %v, want %d %v", c.name, order, ok, c.order, c.ok)
		}
	}
}
