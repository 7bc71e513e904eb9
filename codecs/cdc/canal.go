package cdc

import (
	"bytes"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A canalDecoder reads canal-json, the flat messages of Canal: {database, table,
// type, data: [rows], old: [rows], es, ...}. All values are text. A message of one
// row is one change; those of several rows are split before they come here.
type canalDecoder struct {
	*rowDecoder
	es, ddl []byte
	tidb    []byte // what TiCDC adds
	rows    int    // in data
	olds    int    // in old
	oldRow  []byte // the row in old, where data has none
}

func newCanalDecoder(t *tables.Table, o Options) *canalDecoder {
	d := &canalDecoder{rowDecoder: newRowDecoder(t, o)}
	d.prefix = "data[0]."
	for i := range d.columns {
		d.m[i] = d.m[i].AsText(d.columns[i].Type.Kind)
	}
	return d
}

func (d *canalDecoder) decode(r *codecs.Record, c *tables.Change) *codecs.Error {
	if done, err := d.start(r, c); done {
		return err
	}
	if err := d.message(r.Value); err != nil {
		return err
	}
	const most = 1 << 53 // milliseconds, which times 1000 fit an int64
	for _, raw := range [][]byte{d.ts, d.es} {
		if ms, ok := jsontext.Int(raw); ok && ms > 0 && ms < most {
			c.Time = ms * 1000 // es, the database's time, where there is one
		}
	}
	d.setPosition(c)
	if d.elsewhere(c) {
		return nil
	}
	switch kind := d.upperKind(); kind {
	case "INSERT", "UPDATE", "DELETE", "INIT":
		return d.rowOf(kind, r, c)
	case "":
		return &codecs.Error{Field: "value.type", Reason: "no such member, so this is no flat message of Canal: " + jsontext.Clip(r.Value)}
	case "TRUNCATE":
		c.Op = tables.Truncate
	case "MHEARTBEAT", "TIDB_WATERMARK":
		c.Reason = SkipHeartbeat
	case "GTID", "XACOMMIT", "XAROLLBACK", "TRANSACTIONBEGIN", "TRANSACTIONEND":
		c.Reason = SkipTransaction
	case "CREATE", "ALTER", "ERASE", "RENAME", "CINDEX", "DINDEX", "QUERY":
		c.Reason = SkipSchemaChange
	default:
		if c.Reason = SkipUnknownOp; string(d.ddl) == "true" {
			c.Reason = SkipSchemaChange
		}
	}
	return nil
}

// setPosition takes the position that TiCDC writes: when the change was committed, by the
// cluster's own clock. Canal's own messages have none.
func (d *canalDecoder) setPosition(c *tables.Change) {
	if jsontext.IsNull(d.tidb) {
		return
	}
	s := jsontext.Scan(d.tidb)
	if s.Peek() != '{' {
		return
	}
	for _, name := range s.Members() {
		raw := s.Value()
		if ts, ok := jsontext.Int(raw); ok && ts > 0 && string(name) == "commitTs" {
			c.Source = tables.SourcePosition{Kind: tables.SourceTiDB, Minor: uint64(ts), Epoch: 1}
		}
	}
}

// upperKind returns the message's type in capitals, as which it is mostly written.
func (d *canalDecoder) upperKind() string {
	kind := bytes.Trim(d.kind, `"`)
	for _, k := range canalRows {
		if string(kind) == k {
			return k
		}
	}
	return strings.ToUpper(string(kind))
}

// canalRows are the types of messages of rows; INIT is a first load.
var canalRows = [...]string{"INSERT", "UPDATE", "DELETE", "INIT"}

// rowOf decodes a message of a row.
func (d *canalDecoder) rowOf(kind string, r *codecs.Record, c *tables.Change) *codecs.Error {
	if d.rows == 0 && !jsontext.IsNull(d.data) {
		return &codecs.Error{Field: "data", Reason: jsontext.Mismatch("an array of rows", d.data)}
	}
	if d.rows > 1 || kind == "DELETE" && d.rows == 0 && d.olds > 1 {
		return &codecs.Error{Field: "data", Reason: "several rows in one message: the source needs partitioner: any, which splits them"}
	}
	if kind != "DELETE" {
		if err := d.elided(); err != nil {
			return err
		}
	}
	switch kind {
	case "UPDATE":
		return d.put(r, c, d.old)
	case "DELETE":
		if d.rows == 0 {
			return d.takeOld(r, c)
		}
		return d.take(r, c)
	}
	return d.put(r, c, nil)
}

// elided refuses a message that says that it is not all of its row. What it leaves out
// is not null, and what is stored is not the row that the database has.
func (d *canalDecoder) elided() *codecs.Error {
	if len(d.tidb) == 0 || d.tidb[0] != '{' {
		return nil
	}
	if at := jsontext.Lookup(d.tidb, "claimCheckLocation"); !jsontext.IsNull(at) && string(at) != `""` {
		return &codecs.Error{Field: "value._tidb.claimCheckLocation", Reason: "the row is elsewhere, at " + jsontext.Clip(at) + ": let TiCDC write it whole (large-message-handle-option=none, and a larger max-message-bytes)"}
	}
	if string(jsontext.Lookup(d.tidb, "onlyHandleKey")) == "true" {
		return &codecs.Error{Field: "value._tidb.onlyHandleKey", Reason: "the message holds the row's key and nothing else of it: let TiCDC write it whole (large-message-handle-option=none, and a larger max-message-bytes)"}
	}
	return nil
}

// takeOld makes c the deletion of a row that is not in data. It may be in old, or the record's key.
func (d *canalDecoder) takeOld(r *codecs.Record, c *tables.Change) *codecs.Error {
	if !jsontext.IsNull(d.oldRow) && d.oldRow[0] == '{' {
		s := jsontext.Scan(d.oldRow)
		d.image(&s)
		return d.take(r, c)
	}
	null, err := d.key.read(r)
	switch {
	case err != nil:
		return err
	case null:
		return &codecs.Error{Field: "data", Reason: "a DELETE that names no row, neither in data nor in old, and without a key"}
	}
	return d.remove(r, c)
}

// message finds the members of a message, and the declared values of its only row, in one pass.
func (d *canalDecoder) message(value []byte) *codecs.Error {
	d.reset()
	d.es, d.ddl, d.tidb, d.rows, d.olds, d.oldRow = nil, nil, nil, 0, 0, nil
	return d.each(value, func(name []byte, s *jsontext.Scanner) {
		switch string(name) {
		case "es":
			d.es = s.Value()
		case "_tidb":
			d.tidb = s.Value()
		case "isDdl":
			d.ddl = s.Value()
		case "data":
			d.row.Reset()
			d.data = nil
			if s.Peek() != '[' {
				d.data = s.Value()
				return
			}
			d.rows = s.List(func() { d.image(s) })
		case "old":
			d.old = nil
			d.olds = s.List(func() { d.old = s.Value() })
			d.oldRow = d.old
		default:
			d.common(name, s)
		}
	})
}
