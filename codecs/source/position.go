package source

import (
	"bytes"
	"encoding/hex"
	"strconv"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// Position returns where the event is in its database's log.
func (f *Fields) Position() tables.SourcePosition {
	p := tables.SourcePosition{Snapshot: isSnapshot(f.Snapshot)}
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

func (f *Fields) kind() tables.SourceKind {
	switch string(bytes.Trim(f.Connector, `"`)) {
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
		case f.LSN != nil:
			return tables.SourcePostgres
		case f.File != nil && f.Pos != nil:
			return tables.SourceMySQL
		case f.CommitLSN != nil:
			return tables.SourceSQLServer
		case f.SCN != nil:
			return tables.SourceOracle
		}
	}
	return tables.SourceNone
}

func (f *Fields) postgres(p *tables.SourcePosition) {
	if lsn, ok := jsontext.Int(f.LSN); ok && lsn >= 0 {
		p.Kind, p.Minor = tables.SourcePostgres, uint64(lsn)
	}
}

func (f *Fields) mysql(p *tables.SourcePosition) {
	file := bytes.Trim(f.File, `"`)
	n, err := strconv.ParseUint(jsontext.Alias(file[bytes.LastIndexByte(file, '.')+1:]), 10, 64)
	pos, ok := jsontext.Int(f.Pos)
	if err != nil || !ok || pos < 0 {
		return
	}
	p.Kind, p.Major, p.Minor = tables.SourceMySQL, n, uint64(pos)
	if row, ok := jsontext.Int(f.Row); ok && row >= 0 {
		p.Sub = uint32(min(row, 1<<32-1))
	}
}

func (f *Fields) sqlserver(p *tables.SourcePosition) {
	commit, slot, ok := lsnParts(f.CommitLSN)
	if !ok {
		return
	}
	change, changeSlot, _ := lsnParts(f.ChangeLSN)
	serial, _ := jsontext.Int(f.Serial)
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

func (f *Fields) oracle(p *tables.SourcePosition) {
	scn, ok := jsontext.Int(f.SCN)
	if !ok || scn < 0 {
		return
	}
	p.Kind, p.Minor = tables.SourceOracle, uint64(scn)
	if commit, ok := jsontext.Int(f.CommitSCN); ok && commit >= 0 {
		p.Major = uint64(commit)
	}
	if ssn, ok := jsontext.Int(f.SSN); ok && ssn >= 0 {
		p.Sub = uint32(min(ssn, 1<<32-1))
	}
}

func (f *Fields) mongodb(p *tables.SourcePosition) {
	ms, ok := jsontext.Int(f.TsMs)
	ord, ok2 := jsontext.Int(f.Ord)
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
