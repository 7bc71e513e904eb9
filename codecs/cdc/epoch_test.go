package cdc

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// withoutEpoch is for tests of what is in one log.
func withoutEpoch(p tables.SourcePosition) tables.SourcePosition {
	p.Epoch, p.Serial = 0, 0
	return p
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
