package cdc

import (
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/codecs/ticdc"
	"github.com/tidemark/tidemark/tables"
)

// A ticdcDecoder reads messages of TiCDC's simple protocol: {database, table, type, data, old,
// commitTs, ...}, all values as text, and batches of its open protocol, whose events become such
// messages. A record of one event is one change; those of several are split before they come here.
type ticdcDecoder struct {
	*rowDecoder
	open                      bool
	commit, elsewhereAt, only []byte // of the message: its instant, where the row is, whether it is the key alone
	schema                    []byte // of the table that a statement is about
	buf                       []byte
}

func newTiCDCDecoder(t *tables.Table, o Options) *ticdcDecoder {
	asText := *t
	asText.Columns = slices.Clone(t.Columns)
	for i := range asText.Columns {
		if c := &asText.Columns[i]; c.Type.Kind == tables.Bytes && c.Encoding == tables.EncodingNone {
			c.Encoding = tables.EncodingBytesBase64
		}
	}
	d := &ticdcDecoder{rowDecoder: newRowDecoder(&asText, o), open: t.Source.Format == tables.TiCDCOpen}
	for i := range d.columns {
		d.m[i] = d.m[i].AsText(d.columns[i].Type.Kind)
	}
	return d
}

func (d *ticdcDecoder) decode(r *codecs.Record, c *tables.Change) *codecs.Error {
	if d.open && ticdc.Batched(r.Key, r.Value) {
		return d.batch(r, c)
	}
	if done, err := d.start(r, c); done {
		return err
	}
	if err := d.message(r.Value); err != nil {
		return err
	}
	const physical = 18 // bits of a TSO behind its milliseconds
	if ts, ok := jsontext.Int(d.commit); ok && ts > 0 {
		c.Time = ts >> physical * 1000
		c.Source = tables.SourcePosition{Kind: tables.SourceTiDB, Minor: uint64(ts), Epoch: 1}
	}
	if d.elsewhere(c) {
		return nil
	}
	switch kind := strings.ToUpper(word(d.kind)); kind {
	case "INSERT", "UPDATE", "DELETE":
		return d.rowOf(kind, r, c)
	case "":
		return &codecs.Error{Field: "value.type", Reason: "no such member, so this is no message of TiCDC: " + jsontext.Clip(r.Value)}
	case "TRUNCATE":
		c.Op = tables.Truncate
	case "WATERMARK":
		c.Reason = SkipHeartbeat
	case "BOOTSTRAP", "CREATE", "RENAME", "CINDEX", "DINDEX", "ERASE", "ALTER", "QUERY":
		c.Reason = SkipSchemaChange
	default:
		c.Reason = SkipUnknownOp
	}
	return nil
}

// batch decodes a record of the open protocol that holds one event.
func (d *ticdcDecoder) batch(r *codecs.Record, c *tables.Change) *codecs.Error {
	events, where, reason := ticdc.Events(r.Key, r.Value)
	if reason == "" && len(events) > 1 {
		where, reason = "value", "several events in one record: the source needs partitioner: any, which splits them"
	}
	if reason == "" {
		d.buf, where, reason = events[0].Message(d.buf[:0], false)
	}
	if reason != "" {
		return &codecs.Error{Field: where, Reason: reason}
	}
	one := *r
	one.Key, one.Value = nil, d.buf
	if d.keep {
		one.Value = slices.Clone(d.buf)
	}
	return d.decode(&one, c)
}

// rowOf decodes a message of a row.
func (d *ticdcDecoder) rowOf(kind string, r *codecs.Record, c *tables.Change) *codecs.Error {
	if kind == "DELETE" {
		if jsontext.IsNull(d.data) && !jsontext.IsNull(d.old) && d.old[0] == '{' {
			s := jsontext.Scan(d.old)
			d.image(&s)
		}
		if err := d.instants(); err != nil {
			return err
		}
		return d.take(r, c)
	}
	if !jsontext.IsNull(d.elsewhereAt) && string(d.elsewhereAt) != `""` {
		return &codecs.Error{Field: "value.claimCheckLocation", Reason: "the row is elsewhere, at " + jsontext.Clip(d.elsewhereAt) + ": " + letTiCDC}
	}
	if string(d.only) == "true" {
		return &codecs.Error{Field: "value.handleKeyOnly", Reason: "the message holds the row's key and nothing else of it: " + letTiCDC}
	}
	if err := d.instants(); err != nil {
		return err
	}
	return d.put(r, c, d.old)
}

const letTiCDC = "let TiCDC write it whole (large-message-handle-option=none, and a larger max-message-bytes)"

// instants makes text of the instants in the row, which are objects with a zone.
func (d *ticdcDecoder) instants() *codecs.Error {
	for i := range d.columns {
		raw := d.row.Raw[i]
		if len(raw) == 0 || raw[0] != '{' || d.columns[i].Type.Kind == tables.JSON {
			continue
		}
		text, is, reason := ticdc.Instant(raw)
		if reason != "" && !d.columns[i].NullOnError {
			return &codecs.Error{Field: d.prefix + d.columns[i].Where(), Reason: reason}
		}
		if is && reason == "" {
			d.row.Raw[i] = text
		}
	}
	return nil
}

// message finds the members of a message, and the declared values of data, in one pass.
func (d *ticdcDecoder) message(value []byte) *codecs.Error {
	d.reset()
	d.commit, d.elsewhereAt, d.only, d.schema = nil, nil, nil, nil
	err := d.each(value, func(name []byte, s *jsontext.Scanner) {
		switch string(name) {
		case "commitTs":
			d.commit = s.Value()
		case "claimCheckLocation":
			d.elsewhereAt = s.Value()
		case "handleKeyOnly":
			d.only = s.Value()
		case "tableSchema":
			d.schema = s.Value()
		case "data":
			d.image(s)
		case "old":
			d.old = s.Value()
		default:
			d.common(name, s)
		}
	})
	if d.schema != nil && d.name == nil { // a statement names its table there
		d.database, d.name = jsontext.Lookup(d.schema, "schema"), jsontext.Lookup(d.schema, "table")
	}
	return err
}

// batchSplitter makes messages of one event of the records of the open protocol.
type batchSplitter struct{ *keySplitter }

// Split implements Splitter.
func (s *batchSplitter) Split(r *codecs.Record, dst []Part) ([]Part, error) {
	if !ticdc.Batched(r.Key, r.Value) {
		return s.keySplitter.Split(r, dst)
	}
	events, where, reason := ticdc.Events(r.Key, r.Value)
	if reason != "" {
		return append(dst, Part{Value: r.Value, Fault: &codecs.Error{Field: where, Reason: reason}}), nil
	}
	single := *r
	single.Key = nil
	for _, e := range events {
		text, where, reason := e.Message(nil, false)
		if reason != "" {
			dst = append(dst, Part{Value: r.Value, Fault: &codecs.Error{Field: where, Reason: reason}})
			continue
		}
		single.Value = text
		var err error
		if dst, err = s.keySplitter.Split(&single, dst); err != nil {
			return dst, err
		}
	}
	return dst, nil
}
