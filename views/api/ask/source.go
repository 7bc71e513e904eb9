package ask

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// parseSource reads a position in the log of a database, as its clients see it:
//
//	lsn=24023128 or lsn=0/16E9058                    PostgreSQL
//	file=mysql-bin.000003,pos=154[,row=2]            MySQL
//	commit_lsn=00000027:00000758:0005[,change_lsn=]  SQL Server
//	scn=1234[,commit_scn=1240]                       Oracle
func parseSource(text string) (tables.SourcePosition, error) {
	parts := map[string]string{}
	for item := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(item), "=")
		if !ok || value == "" {
			return tables.SourcePosition{}, errSource(item)
		}
		parts[strings.ToLower(name)] = value
	}
	read := func(name string, parse func(string) (uint64, bool)) (uint64, error) {
		text, there := parts[name]
		delete(parts, name)
		if !there {
			return 0, nil
		}
		n, ok := parse(text)
		if !ok {
			return 0, errSource(name + "=" + text)
		}
		return n, nil
	}
	p, err := sourceOf(parts, read)
	if err != nil {
		return tables.SourcePosition{}, err
	}
	for name := range parts {
		return tables.SourcePosition{}, errSource(name)
	}
	return p, nil
}

func errSource(at string) error {
	return fmt.Errorf("%s is no part of a source position such as lsn=24023128 or file=mysql-bin.000003,pos=154", query.Quote(at))
}

// sourceOf picks the database by the name of the position's first part.
func sourceOf(parts map[string]string, read func(string, func(string) (uint64, bool)) (uint64, error)) (p tables.SourcePosition, err error) {
	has := func(name string) bool { _, ok := parts[name]; return ok }
	var sub uint64
	switch {
	case has("lsn"):
		p.Kind = tables.SourcePostgres
		p.Minor, err = read("lsn", parseLSN)
	case has("file") && has("pos"):
		p.Kind = tables.SourceMySQL
		if p.Major, err = read("file", parseBinlog); err == nil {
			p.Minor, err = read("pos", parseUint)
		}
		if err == nil {
			sub, err = read("row", parseSub)
		}
	case has("commit_lsn"):
		p.Kind = tables.SourceSQLServer
		var commit, change [10]byte
		if commit, err = parseServerLSN("commit_lsn", parts); err == nil && has("change_lsn") {
			change, err = parseServerLSN("change_lsn", parts)
		}
		p.Major, p.Minor = binary.BigEndian.Uint64(commit[:8]), binary.BigEndian.Uint64(change[:8])
		sub = uint64(tables.SubOfSQLServer(binary.BigEndian.Uint16(commit[8:]), binary.BigEndian.Uint16(change[8:]), 0))
	case has("scn"):
		p.Kind = tables.SourceOracle
		if p.Minor, err = read("scn", parseUint); err == nil {
			p.Major, err = read("commit_scn", parseUint)
		}
		p.Major = max(p.Major, p.Minor)
	default:
		err = errSource(firstName(parts))
	}
	p.Sub = uint32(sub)
	return p, err
}

func firstName(parts map[string]string) string {
	for name, value := range parts {
		return name + "=" + value
	}
	return ""
}

func parseUint(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil
}

func parseSub(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return n, err == nil
}

// parseLSN reads a number, or PostgreSQL's own 0/16E9058.
func parseLSN(s string) (uint64, bool) {
	high, low, split := strings.Cut(s, "/")
	if !split {
		return parseUint(s)
	}
	h, err1 := strconv.ParseUint(high, 16, 32)
	l, err2 := strconv.ParseUint(low, 16, 32)
	return h<<32 | l, err1 == nil && err2 == nil
}

// parseBinlog reads the number of mysql-bin.000003.
func parseBinlog(s string) (uint64, bool) { return parseUint(s[strings.LastIndexByte(s, '.')+1:]) }

func parseServerLSN(name string, parts map[string]string) (lsn [10]byte, err error) {
	text := parts[name]
	delete(parts, name)
	b, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	if err != nil || len(b) != len(lsn) {
		return lsn, errSource(name + "=" + text)
	}
	return [10]byte(b), nil
}
