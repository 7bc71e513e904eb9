package cdc

import (
	"bytes"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/codecs/source"
	"github.com/tidemark/tidemark/tables"
)

// An envelopeDecoder reads debezium-json: {before, after, source, op, ...}.
type envelopeDecoder struct {
	*jsonDecoder
	op, before, after []byte
	sent              []byte // when the connector sent it
	signals           signalFilter
	bare              bool   // whether the envelope is before, after and op, and nothing else
	update            []byte // what MongoDB says of an update
	table             string // source.table of the events that count; empty: all
}

func newEnvelopeDecoder(t *tables.Table, o Options) *envelopeDecoder {
	after := func(root *convert.Schema) *convert.Schema { return root.Member("after") }
	d := &envelopeDecoder{jsonDecoder: newJSONDecoder(t, o, "after.", 0, convert.In(after)), signals: newSignalFilter(t), table: t.Source.Table}
	d.sharedTopic = d.table != ""
	d.addCells()
	return d
}

func (d *envelopeDecoder) decode(r *codecs.Record, c *tables.Change) *codecs.Error {
	payload, m, done, err := d.begin(r, c)
	if done {
		return err
	}
	if err := d.envelope(payload); err != nil {
		return err
	}
	if d.op == nil && d.before != nil && d.after != nil {
		return d.images(r, c, m)
	}
	if d.op == nil {
		if c.Reason = shapeOf(payload); c.Reason != "" {
			return nil
		}
		return &codecs.Error{Field: "value.op", Reason: "no such member, so this is no Debezium envelope: " + jsontext.Clip(payload)}
	}
	d.clock(c)
	d.connectorClock(c)
	if d.table != "" && !d.source.IsTable(d.table) {
		c.Reason = SkipOtherTable
		return nil
	}
	if d.signals.is(d.source.Table, d.after) {
		c.Reason = SkipSignal
		return nil
	}
	switch string(d.op) {
	case `"c"`, `"r"`, `"u"`, `"i"`: // the last is an insert of Cassandra's connector
		return d.put(r, c, m)
	case `"d"`:
		return d.delete(r, c, m)
	case `"t"`:
		c.Op = tables.Truncate
	case `"m"`:
		c.Reason = SkipMessage
	default:
		c.Reason = SkipUnknownOp
	}
	return nil
}

// images decodes an envelope that has before and after and no op, as Materialize's
// sinks write it: what is after is the row, and null deletes it.
func (d *envelopeDecoder) images(r *codecs.Record, c *tables.Change, m []convert.Meaning) *codecs.Error {
	d.clock(c)
	switch {
	case !d.source.IsTable(d.table) && d.table != "":
		c.Reason = SkipOtherTable
		return nil
	case jsontext.IsNull(d.after) && !jsontext.IsNull(d.before):
		return d.delete(r, c, m)
	}
	return d.put(r, c, m)
}

func (d *envelopeDecoder) put(r *codecs.Record, c *tables.Change, m []convert.Meaning) *codecs.Error {
	partial := jsontext.IsNull(d.after) && len(d.update) > 0 && d.update[0] == '{'
	if jsontext.IsNull(d.after) && !partial {
		c.Reason = SkipNoRow
		return nil
	}
	null, err := d.key.read(r)
	switch {
	case err != nil:
		return err
	case null && (partial || !d.keyless()):
		return &codecs.Error{Field: "key", Reason: "null, so the row has no address", Cause: codecs.ErrOtherKey}
	case partial:
		return d.updated(r, c, m)
	}
	return d.upsert(r, c, m, d.before, d.after)
}

func (d *envelopeDecoder) delete(r *codecs.Record, c *tables.Change, m []convert.Meaning) *codecs.Error {
	null, err := d.key.read(r)
	switch {
	case err != nil:
		return err
	case null && !d.keyless():
		return &codecs.Error{Field: "key", Reason: "null, so the deleted row has no address", Cause: codecs.ErrOtherKey}
	case null:
		if err := d.keyIn(d.before, m); err != nil {
			return err
		}
	}
	return d.remove(r, c)
}

// keyless reports whether the row may give the key of a record that has none: where that
// is declared, and in an envelope of before, after and op alone: that is Flink's, which
// writes no keys unless it is configured to. Debezium's own have a key wherever the table has one.
func (d *envelopeDecoder) keyless() bool { return d.key.fromRow || d.bare }

// connectorClock says when the connector sent an event whose source has no clock, as old
// versions' have not.
func (d *envelopeDecoder) connectorClock(c *tables.Change) {
	if _, has := d.source.Time(); has {
		return
	}
	sent := source.Fields{TsMs: d.sent}
	if us, ok := sent.Time(); ok {
		c.Sent = us
	}
}

// envelope finds the members of an envelope, and the declared values of after, in one pass.
func (d *envelopeDecoder) envelope(payload []byte) *codecs.Error {
	d.op, d.before, d.after, d.update, d.sent, d.bson = nil, nil, nil, nil, nil, false
	d.source, d.bare = source.Fields{}, true
	d.row.Reset()
	s := jsontext.Scan(payload)
	if s.Peek() != '{' {
		return &codecs.Error{Field: "value", Reason: jsontext.Mismatch("an object", payload)}
	}
	for _, name := range s.Members() {
		switch string(name) {
		case "op":
			d.op = s.Value()
		case "before":
			d.before = s.Value()
		case "after":
			d.image(&s)
		case "ts_ms":
			d.bare = false
			d.sent = s.Value()
		case "updateDescription":
			d.bare = false
			d.update = s.Value()
		case "source":
			d.bare = false
			d.source.Read(&s)
		default:
			d.bare = false
			s.Value()
		}
	}
	if !s.End() {
		return d.faultOf(&s, payload)
	}
	d.bare = d.bare && d.op != nil
	return d.textImage()
}

// image reads after where it is an object.
func (d *envelopeDecoder) image(s *jsontext.Scanner) {
	if s.Peek() != '{' {
		d.after = s.Value()
		return
	}
	start := s.Pos()
	d.row.Reset()
	if d.row.Read(s) {
		d.after = s.Since(start)
	}
}

// textImage reads after where it is JSON in a string, as MongoDB's is.
func (d *envelopeDecoder) textImage() *codecs.Error {
	if len(d.after) == 0 || d.after[0] == '{' || d.after[0] == 'n' {
		return nil
	}
	if d.after[0] != '"' {
		return &codecs.Error{Field: "after", Reason: jsontext.Mismatch("an object", d.after)}
	}
	text, ok := jsontext.Unquote(d.after)
	text = bytes.TrimSpace(text)
	s := jsontext.Scan(text)
	d.row.Reset()
	if !ok || !d.row.Read(&s) || !s.End() {
		return d.faultOf(&s, text)
	}
	d.after, d.bson = text, true
	return nil
}

// faultOf says what a scanner stumbled over.
func (d *jsonDecoder) faultOf(s *jsontext.Scanner, text []byte) *codecs.Error {
	return &codecs.Error{Field: "value", Reason: s.Fault + ": " + jsontext.Clip(text)}
}
