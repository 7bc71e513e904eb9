package cdc

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// sourceFields are the members of an envelope's source that place the event in
// the log of its database. They are the JSON texts, nil where absent.
type sourceFields struct {
	table                           []byte
	name, db, schema                []byte // the connector's, the database's, the table's
	server, gtid                    []byte // mysql, mariadb
	connector, snapshot, tsMs, tsUs []byte
	lsn                             []byte // postgres
	file, pos, row                  []byte // mysql, mariadb
	commitLSN, changeLSN, serial    []byte // sqlserver
	scn, commitSCN, ssn             []byte // oracle
	ord                             []byte // mongodb
}

// sourceNames are the members of source that are read.
func sourceNames() []string {
	return []string{
		"table", "connector", "snapshot", "ts_ms", "ts_us", "lsn", "file", "pos", "row",
		"commit_lsn", "change_lsn", "event_serial_no", "scn", "commit_scn", "ssn", "ord",
		"name", "db", "schema", "server_id", "gtid",
	}
}

// set keeps the value of a member of source.
func (f *sourceFields) set(name string, v []byte) {
	switch name {
	case "table":
		f.table = v
	case "connector":
		f.connector = v
	case "snapshot":
		f.snapshot = v
	case "ts_ms":
		f.tsMs = v
	case "ts_us":
		f.tsUs = v
	case "lsn":
		f.lsn = v
	case "file":
		f.file = v
	case "pos":
		f.pos = v
	case "row":
		f.row = v
	case "commit_lsn":
		f.commitLSN = v
	case "change_lsn":
		f.changeLSN = v
	case "event_serial_no":
		f.serial = v
	case "scn":
		f.scn = v
	case "commit_scn":
		f.commitSCN = v
	case "ssn":
		f.ssn = v
	case "ord":
		f.ord = v
	case "name":
		f.name = v
	case "db":
		f.db = v
	case "schema":
		f.schema = v
	case "server_id":
		f.server = v
	case "gtid":
		f.gtid = v
	}
}

// read fills f from the source object at which s is.
func (f *sourceFields) read(s *jsontext.Scanner) bool {
	*f = sourceFields{}
	if s.Peek() != '{' {
		return s.Value() != nil
	}
	for _, name := range s.Members() {
		if v := s.Value(); v != nil {
			f.set(jsontext.Alias(name), v)
		}
	}
	return s.Fault == ""
}

// time returns when the database committed the change, in microseconds since the
// epoch; ok is false when it does not say, or says 0 as old snapshots do.
func (f *sourceFields) time() (us int64, ok bool) {
	if us, ok := jsontext.Int(f.tsUs); ok && us > 0 {
		return us, true
	}
	const most = 1 << 53 // milliseconds, which times 1000 fit an int64
	if ms, ok := jsontext.Int(f.tsMs); ok && ms > 0 && ms < most {
		return ms * 1000, true
	}
	return 0, false
}

// position returns where the event is in its database's log.
func (f *sourceFields) position() tables.SourcePosition {
	p := tables.SourcePosition{Snapshot: isSnapshot(f.snapshot)}
	switch kind := f.kind(); kind {
	case tables.SourcePostgres:
		f.postgres(&p)
	case tables.SourceMySQL:
		f.mysql(&p)
	case tables.SourceSQLServer:
		f.sqlserver(&p)
	case tables.SourceOracle:
		f.oracle(&p)
	case tables.SourceMongoDB:
		f.mongodb(&p)
	}
	if p.Known() {
		f.epoch(&p)
	}
	return p
}

func (f *sourceFields) kind() tables.SourceKind {
	switch string(bytes.Trim(f.connector, `"`)) {
	case "postgresql", "postgres", "yugabytedb":
		return tables.SourcePostgres
	case "mysql", "mariadb":
		return tables.SourceMySQL
	case "sqlserver":
		return tables.SourceSQLServer
	case "oracle":
		return tables.SourceOracle
	case "mongodb":
		return tables.SourceMongoDB
	case "": // a flattened row says no more than it was configured to add
		switch {
		case f.lsn != nil:
			return tables.SourcePostgres
		case f.file != nil && f.pos != nil:
			return tables.SourceMySQL
		case f.commitLSN != nil:
			return tables.SourceSQLServer
		case f.scn != nil:
			return tables.SourceOracle
		}
	}
	return tables.SourceNone
}

func (f *sourceFields) postgres(p *tables.SourcePosition) {
	if lsn, ok := jsontext.Int(f.lsn); ok && lsn >= 0 {
		p.Kind, p.Minor = tables.SourcePostgres, uint64(lsn)
	}
}

func (f *sourceFields) mysql(p *tables.SourcePosition) {
	file := bytes.Trim(f.file, `"`)
	n, err := strconv.ParseUint(jsontext.Alias(file[bytes.LastIndexByte(file, '.')+1:]), 10, 64)
	pos, ok := jsontext.Int(f.pos)
	if err != nil || !ok || pos < 0 {
		return
	}
	p.Kind, p.Major, p.Minor = tables.SourceMySQL, n, uint64(pos)
	if row, ok := jsontext.Int(f.row); ok && row >= 0 {
		p.Sub = uint32(min(row, 1<<32-1))
	}
}

func (f *sourceFields) sqlserver(p *tables.SourcePosition) {
	commit, slot, ok := lsnParts(f.commitLSN)
	if !ok {
		return
	}
	change, changeSlot, _ := lsnParts(f.changeLSN)
	serial, _ := jsontext.Int(f.serial)
	*p = tables.SourcePosition{
		Kind: tables.SourceSQLServer, Snapshot: p.Snapshot, Major: commit, Minor: change,
		Sub: tables.SubOfSQLServer(slot, changeSlot, serial),
	}
}

// lsnParts reads an LSN of SQL Server, 00000027:00000ac0:0002: a log file of 32
// bits, a block of 32 and a slot of 16.
func lsnParts(raw []byte) (block uint64, slot uint16, ok bool) {
	digits := bytes.ReplaceAll(bytes.Trim(raw, `"`), []byte(":"), nil)
	var b [10]byte
	if len(digits) != 20 {
		return 0, 0, false
	}
	if _, err := hex.Decode(b[:], digits); err != nil {
		return 0, 0, false
	}
	for _, c := range b[:8] {
		block = block<<8 | uint64(c)
	}
	return block, uint16(b[8])<<8 | uint16(b[9]), true
}

func (f *sourceFields) oracle(p *tables.SourcePosition) {
	scn, ok := jsontext.Int(f.scn)
	if !ok || scn < 0 {
		return
	}
	p.Kind, p.Minor = tables.SourceOracle, uint64(scn)
	if commit, ok := jsontext.Int(f.commitSCN); ok && commit >= 0 {
		p.Major = uint64(commit)
	}
	if ssn, ok := jsontext.Int(f.ssn); ok && ssn >= 0 {
		p.Sub = uint32(min(ssn, 1<<32-1))
	}
}

func (f *sourceFields) mongodb(p *tables.SourcePosition) {
	ms, ok := jsontext.Int(f.tsMs)
	ord, ok2 := jsontext.Int(f.ord)
	if ok && ok2 && ms >= 0 && ord >= 0 {
		p.Kind, p.Major, p.Minor = tables.SourceMongoDB, uint64(ms/1000), uint64(ord)
	}
}

// isSnapshot reads source.snapshot: true, first, first_in_data_collection,
// last_in_data_collection, last, incremental, false; also a bool, null or absent.
func isSnapshot(raw []byte) bool {
	switch string(bytes.Trim(raw, `"`)) {
	case "", "false", "null":
		return false
	}
	return true
}

// isTable reports whether the event is of the source's table that is named as table,
// schema.table, db.table or db.schema.table. An event that gives no table is.
func (f *sourceFields) isTable(name string) bool {
	table, ok := jsontext.ScalarOrNone(f.table)
	if !ok {
		return true
	}
	rest, ok := strings.CutSuffix(name, string(table))
	if !ok || rest == "" {
		return ok
	}
	db, _ := jsontext.ScalarOrNone(f.db)
	schema, _ := jsontext.ScalarOrNone(f.schema)
	rest, ok = strings.CutSuffix(rest, ".")
	return ok && (rest == string(schema) || rest == string(db) || rest == string(db)+"."+string(schema))
}
