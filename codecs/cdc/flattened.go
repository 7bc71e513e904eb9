package cdc

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/codecs/source"
	"github.com/tidemark/tidemark/tables"
)

// The members, or headers, that the flattening transform adds to a row.
const (
	addedPrefix   = "__"
	addedOp       = "op"
	addedDeleted  = "deleted"
	addedEnvelope = 3 // slots that distinguish an envelope from a row
)

// addedFields are the names that mean something, without the prefix. With
// add.fields=source.lsn the transform writes __source_lsn, with lsn __lsn.
func addedFields() []string {
	return append([]string{addedOp, addedDeleted}, source.Names()...)
}

// A flatDecoder reads flattened-json and upsert-json: the value is the row.
type flatDecoder struct {
	*jsonDecoder
	fields      []string // addedFields; the slots after the columns are theirs, twice
	op, deleted []byte
	wrap        wrapping
	member      string // in which the row is; empty: the value is the row
}

func newFlatDecoder(t *tables.Table, o Options) *flatDecoder {
	plain, all := t, inMember(o.of(t)).Columns
	t = inMember(plain)
	d := &flatDecoder{fields: addedFields(), member: t.Source.RowMember()}
	n, k := len(t.Columns), len(d.fields)
	d.jsonDecoder = newJSONDecoder(t, o, "value.", 2*k+addedEnvelope+wrapSlots, convert.In(func(root *convert.Schema) *convert.Schema { return root }))
	for i, f := range d.fields {
		d.row.Add(addedPrefix+f, n+i)
		d.row.Add(addedPrefix+"source_"+f, n+k+i)
	}
	for i, f := range []string{"op", "source", "after"} {
		declared := slices.ContainsFunc(all, func(c tables.Column) bool {
			return slices.ContainsFunc(c.Places(), func(p string) bool { return p == f || strings.HasPrefix(p, f+".") })
		})
		if !declared {
			d.row.Add(f, n+2*k+i)
		}
	}
	d.wrap = wrappingOf(d.member, all, n+2*k+addedEnvelope)
	d.wrap.add(d.jsonDecoder)
	if d.member != "" {
		d.key = newKeyDecoder(plain, d.holder, o) // records' keys have no such member
	}
	d.key.arrays = d.wrap.top == "after"
	return d
}

func (d *flatDecoder) decode(r *codecs.Record, c *tables.Change) *codecs.Error {
	payload, m, done, err := d.begin(r, c)
	if done {
		d.source, d.op, d.deleted = source.Fields{}, nil, nil
		d.addedHeaders(r)
		d.clock(c)
		return err
	}
	d.row.Reset()
	s := jsontext.Scan(payload)
	if s.Peek() != '{' {
		return &codecs.Error{Field: "value", Reason: jsontext.Mismatch("an object", payload)}
	}
	if !d.row.Read(&s) || !s.End() {
		return d.faultOf(&s, payload)
	}
	d.added(r)
	d.clock(c)
	said := d.wrap.verdict(d.row.Raw)
	if us, ok := d.wrap.clock(d.row.Raw); ok {
		c.Time = us
	}
	switch said.op {
	case tables.Skip, tables.Truncate:
		c.Op, c.Reason = said.op, said.reason
		return nil
	}
	return d.decide(r, c, m, payload, said.op == tables.Delete)
}

// decide reads the key of a row that was read, and makes c what happened to it. removed reports that
// the members around the row say that it was deleted.
func (d *flatDecoder) decide(r *codecs.Record, c *tables.Change, m []convert.Meaning, payload []byte, removed bool) *codecs.Error {
	null, err := d.key.read(r)
	if (err != nil || null) && d.skip(payload, c) {
		return nil
	}
	switch {
	case err != nil:
		return err
	case d.isEnvelope():
		return &codecs.Error{Field: "value", Reason: "this is a Debezium envelope, no row: the format is debezium-json"}
	case removed:
		return d.removeWrapped(r, c, m, null)
	case null && !d.key.fromRow:
		return &codecs.Error{Field: "key", Reason: "null, so the row has no address", Cause: codecs.ErrOtherKey}
	case string(d.op) == "d" || string(d.deleted) == "true":
		if d.key.fromRow {
			d.row.Settle()
			if err := d.completeKey(m, nil); err != nil {
				return err
			}
		}
		return d.remove(r, c)
	}
	if reason := unknownOp(d.op); reason != "" {
		c.Reason = reason
		return nil
	}
	if err := d.confirmed(m); err != nil {
		return err
	}
	if d.member != "" {
		return d.put(r, c, m, payload)
	}
	return d.upsert(r, c, m, nil, payload)
}

// skip decides a record that has no address: perhaps it concerns no row.
func (d *flatDecoder) skip(payload []byte, c *tables.Change) bool {
	if string(d.op) == "t" {
		c.Op = tables.Truncate
		return true
	}
	c.Reason = shapeOf(payload)
	return c.Reason != ""
}

// unknownOp returns why to skip a row with the given op, if that is no upsert's.
func unknownOp(op []byte) string {
	switch string(op) {
	case "", "c", "r", "u", "null":
		return ""
	case "m":
		return SkipMessage
	}
	return SkipUnknownOp
}

// isEnvelope reports whether the row is none but the envelope of one. A table may have
// columns of these names, also of type json: only an envelope's hold what they hold there.
func (d *flatDecoder) isEnvelope() bool {
	at := len(d.columns) + 2*len(d.fields)
	op, source, after := d.row.Raw[at], d.row.Raw[at+1], d.row.Raw[at+2]
	if op == nil || source == nil || after == nil || source[0] != '{' || after[0] != '{' && after[0] != 'n' {
		return false
	}
	switch string(op) {
	case `"c"`, `"r"`, `"u"`, `"d"`:
		return jsontext.Lookup(source, "connector") != nil
	}
	return false
}

// added reads what the transform added, as members or as headers.
func (d *flatDecoder) added(r *codecs.Record) {
	d.source, d.op, d.deleted = source.Fields{}, nil, nil
	d.addedHeaders(r)
	n, k := len(d.columns), len(d.fields)
	for i, f := range d.fields {
		d.add(f, d.row.Raw[n+i])
		d.add(f, d.row.Raw[n+k+i])
	}
}

func (d *flatDecoder) addedHeaders(r *codecs.Record) {
	for i := range r.Headers {
		name, ok := strings.CutPrefix(r.Headers[i].Name, addedPrefix)
		if !ok || strings.HasPrefix(name, "debezium.") {
			continue
		}
		name = strings.TrimPrefix(name, "source_")
		if slices.Contains(d.fields, name) {
			d.add(name, r.Headers[i].Value)
		}
	}
}

func (d *flatDecoder) add(name string, raw []byte) {
	if jsontext.IsNull(raw) {
		return
	}
	if raw = bytes.TrimSpace(raw); raw[0] == '{' { // header.converter=JsonConverter puts a schema around it
		if raw = payloadOf(raw); jsontext.IsNull(raw) {
			return
		}
	}
	switch name {
	case addedOp:
		d.op = bytes.Trim(raw, `"`)
	case addedDeleted:
		d.deleted = bytes.Trim(raw, `"`)
	default:
		d.source.Set(name, raw)
	}
}
