package source

import (
	"strings"

	"github.com/tidemark/tidemark/codecs/jsontext"
)

// Fields are the members of an envelope's source that place the event in
// the log of its database. They are the JSON texts, nil where absent.
type Fields struct {
	Table                           []byte
	Name, DB, Schema                []byte // the connector's, the database's, the table's
	Server, GTID                    []byte // mysql, mariadb
	Connector, Snapshot, TsMs, TsUs []byte
	LSN                             []byte // postgres
	File, Pos, Row                  []byte // mysql, mariadb
	CommitLSN, ChangeLSN, Serial    []byte // sqlserver
	SCN, CommitSCN, SSN             []byte // oracle
	Ord                             []byte // mongodb
}

// Names are the members of source that are read.
func Names() []string {
	return []string{
		"table", "connector", "snapshot", "ts_ms", "ts_us", "lsn", "file", "pos", "row",
		"commit_lsn", "change_lsn", "event_serial_no", "scn", "commit_scn", "ssn", "ord",
		"name", "db", "schema", "server_id", "gtid",
	}
}

// Set keeps the value of a member of source.
func (f *Fields) Set(name string, v []byte) {
	if to := f.event(name); to != nil {
		*to = v
	} else if to := f.position(name); to != nil {
		*to = v
	}
}

// event returns the field of a member that says what an event is, nil for any other member.
func (f *Fields) event(name string) *[]byte {
	switch name {
	case "table":
		return &f.Table
	case "name":
		return &f.Name
	case "db":
		return &f.DB
	case "schema":
		return &f.Schema
	case "connector":
		return &f.Connector
	case "snapshot":
		return &f.Snapshot
	case "ts_ms":
		return &f.TsMs
	case "ts_us":
		return &f.TsUs
	}
	return nil
}

// position returns the field of a member that says where an event is in the log of its
// database, nil for any other member.
func (f *Fields) position(name string) *[]byte {
	switch name {
	case "lsn":
		return &f.LSN
	case "file":
		return &f.File
	case "pos":
		return &f.Pos
	case "row":
		return &f.Row
	case "server_id":
		return &f.Server
	case "gtid":
		return &f.GTID
	case "commit_lsn":
		return &f.CommitLSN
	case "change_lsn":
		return &f.ChangeLSN
	case "event_serial_no":
		return &f.Serial
	case "scn":
		return &f.SCN
	case "commit_scn":
		return &f.CommitSCN
	case "ssn":
		return &f.SSN
	case "ord":
		return &f.Ord
	}
	return nil
}

// Read fills f from the source object at which s is.
func (f *Fields) Read(s *jsontext.Scanner) bool {
	*f = Fields{}
	if s.Peek() != '{' {
		return s.Value() != nil
	}
	for _, name := range s.Members() {
		if v := s.Value(); v != nil {
			f.Set(jsontext.Alias(name), v)
		}
	}
	return s.Fault == ""
}

// Time returns when the database committed the change, in microseconds since the
// epoch; ok is false when it does not say, or says 0 as old snapshots do.
func (f *Fields) Time() (us int64, ok bool) {
	if us, ok := jsontext.Int(f.TsUs); ok && us > 0 {
		return us, true
	}
	const most = 1 << 53 // milliseconds, which times 1000 fit an int64
	if ms, ok := jsontext.Int(f.TsMs); ok && ms > 0 && ms < most {
		return ms * 1000, true
	}
	return 0, false
}

// IsTable reports whether the event is of the source's table that is named as table,
// schema.table, db.table or db.schema.table. An event that gives no table is.
func (f *Fields) IsTable(name string) bool {
	table, ok := jsontext.ScalarOrNone(f.Table)
	if !ok {
		return true
	}
	rest, ok := strings.CutSuffix(name, string(table))
	if !ok || rest == "" {
		return ok
	}
	db, _ := jsontext.ScalarOrNone(f.DB)
	schema, _ := jsontext.ScalarOrNone(f.Schema)
	rest, ok = strings.CutSuffix(rest, ".")
	return ok && (rest == string(schema) || rest == string(db) || rest == string(db)+"."+string(schema))
}

// WritesCells reports whether the source's connector writes each value in a cell.
func (f *Fields) WritesCells() bool {
	switch strings.Trim(string(f.Connector), `"`) {
	case "cassandra", "scylla", "yugabytedb":
		return true
	}
	return false
}
