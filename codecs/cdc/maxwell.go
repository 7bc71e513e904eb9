package cdc

import (
	"bytes"
	"slices"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/codecs/source"
	"github.com/tidemark/tidemark/tables"
)

// A maxwellDecoder reads maxwell-json: {database, table, type, ts, data, old, ...}.
// Its keys are always the row's own: the Kafka key is written in several forms, and
// only a record without a value needs it.
type maxwellDecoder struct {
	*rowDecoder
	xoffset, commit, position, server, gtid []byte
}

func newMaxwellDecoder(t *tables.Table, o Options) *maxwellDecoder {
	d := &maxwellDecoder{rowDecoder: newRowDecoder(t, o)}
	// Maxwell writes {"database":"shop","table":"orders","pk.id":1} as the Kafka key.
	keyed := *t
	keyed.Columns = slices.Clone(t.Columns)
	for _, i := range t.KeyColumns() {
		places := t.Columns[i].Places()
		for j := range places {
			places[j] = "pk." + places[j]
		}
		keyed.Columns[i].Path, keyed.Columns[i].OtherPaths = places[0], places[1:]
	}
	d.key = newKeyDecoder(&keyed, d.holder, o)
	return d
}

func (d *maxwellDecoder) decode(r *codecs.Record, c *tables.Change) *codecs.Error {
	if done, err := d.start(r, c); done {
		return err
	}
	if err := d.message(r.Value); err != nil {
		return err
	}
	d.clocks(c)
	if d.elsewhere(c) {
		return nil
	}
	switch kind := string(bytes.Trim(d.kind, `"`)); kind {
	case "":
		return &codecs.Error{Field: "value.type", Reason: "no such member, so this is no message of Maxwell: " + jsontext.Clip(r.Value)}
	case "insert", "bootstrap-insert":
		c.Source.Snapshot = kind == "bootstrap-insert"
		return d.put(r, c, nil)
	case "update":
		return d.put(r, c, d.old)
	case "delete":
		return d.take(r, c)
	case "bootstrap-start", "bootstrap-complete":
		c.Reason = SkipBootstrap
	case "table-create", "table-alter", "table-drop", "database-create", "database-alter", "database-drop":
		c.Reason = SkipSchemaChange
	default:
		c.Reason = SkipUnknownOp
	}
	return nil
}

// message finds the members of a message, and the declared values of data, in one pass.
func (d *maxwellDecoder) message(value []byte) *codecs.Error {
	d.reset()
	d.xoffset, d.commit, d.position, d.server, d.gtid = nil, nil, nil, nil, nil
	return d.each(value, func(name []byte, s *jsontext.Scanner) {
		switch string(name) {
		case "xoffset":
			d.xoffset = s.Value()
		case "commit":
			d.commit = s.Value()
		case "position":
			d.position = s.Value()
		case "server_id":
			d.server = s.Value()
		case "gtid":
			d.gtid = s.Value()
		case "data":
			d.image(s)
		case "old":
			d.old = s.Value()
		default:
			d.common(name, s)
		}
	})
}

// clocks sets time and source position. Maxwell's ts is in seconds, and its position,
// which it writes when output_binlog_position is set, is that of a group of rows:
// xoffset numbers the rows of a transaction, and the last one has commit instead.
func (d *maxwellDecoder) clocks(c *tables.Change) {
	const most = 1 << 43 // seconds, which times a million fit an int64
	if s, ok := jsontext.Int(d.ts); ok && s > 0 && s < most {
		c.Time = s * 1_000_000
	}
	text, ok := jsontext.ScalarOrNone(d.position)
	at := bytes.LastIndexByte(text, ':')
	if !ok || at < 0 {
		return
	}
	f := source.Fields{Connector: []byte("mysql"), File: text[:at], Pos: text[at+1:], Row: d.xoffset, Server: d.server, GTID: d.gtid}
	if string(d.commit) == "true" {
		f.Row = []byte("4294967295")
	}
	c.Source = f.Position()
}
