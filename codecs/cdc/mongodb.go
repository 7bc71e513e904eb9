package cdc

import (
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/extract"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// wholeRows is the remedy for what an update without its row lacks.
const wholeRows = "set capture.mode=change_streams_update_full on the connector"

// updated decodes an update of MongoDB that carries no row: with
// capture.mode=change_streams it says only which fields changed. Columns that it does
// not name keep what is stored.
func (d *envelopeDecoder) updated(r *codecs.Record, c *tables.Change, m []convert.Meaning) *codecs.Error {
	if d.keep {
		return &codecs.Error{Field: "after", Reason: "the update has no row, and the table keeps documents: " + wholeRows}
	}
	if i := d.key.missing(); i >= 0 {
		return &codecs.Error{Field: "key." + d.key.columns[i].Name, Reason: "an update whose key has no such member: " + jsontext.Clip(r.Key), Cause: codecs.ErrOtherKey}
	}
	d.row.Reset()
	d.row.Filled = true
	for i := range d.row.Missing {
		d.row.Missing[i] = true
	}
	if err := d.fieldsOf(jsontext.Lookup(d.update, "updatedFields")); err != nil {
		return err
	}
	if err := d.removed(jsontext.Lookup(d.update, "removedFields")); err != nil {
		return err
	}
	if err := d.truncated(jsontext.Lookup(d.update, "truncatedArrays")); err != nil {
		return err
	}
	d.bson = true
	return d.upsert(r, c, m, nil, nil)
}

// fieldsOf takes the new values: an object, mostly as text, whose names may be paths.
func (d *envelopeDecoder) fieldsOf(raw []byte) *codecs.Error {
	const where = "updateDescription.updatedFields"
	if jsontext.IsNull(raw) {
		return nil
	}
	text, reason := jsontext.Embedded(raw)
	if reason != "" {
		return &codecs.Error{Field: where, Reason: reason}
	}
	s := jsontext.Scan(text)
	if s.Peek() != '{' {
		return &codecs.Error{Field: where, Reason: jsontext.Mismatch("an object", raw)}
	}
	for _, name := range s.Members() {
		path := string(name)
		v := s.Value()
		if v == nil {
			break
		}
		if err := d.change(path, v); err != nil {
			return err
		}
	}
	if s.Fault != "" {
		return &codecs.Error{Field: where, Reason: s.Fault + ": " + jsontext.Clip(text)}
	}
	return nil
}

// removed takes the names of the fields that are gone.
func (d *envelopeDecoder) removed(raw []byte) *codecs.Error {
	return d.names(raw, "removedFields", func(v []byte) *codecs.Error {
		name, reason := jsontext.StringText("a field's name", v)
		if reason != "" {
			return &codecs.Error{Field: "updateDescription.removedFields", Reason: reason}
		}
		return d.change(string(name), []byte("null"))
	})
}

// truncated refuses arrays that became shorter, where a column holds them.
func (d *envelopeDecoder) truncated(raw []byte) *codecs.Error {
	return d.names(raw, "truncatedArrays", func(v []byte) *codecs.Error {
		name, reason := jsontext.StringText("a field's name", jsontext.OrNull(jsontext.Lookup(v, "field")))
		if reason != "" {
			return &codecs.Error{Field: "updateDescription.truncatedArrays", Reason: reason}
		}
		return d.change(string(name)+".$", nil)
	})
}

func (d *envelopeDecoder) names(raw []byte, member string, each func(v []byte) *codecs.Error) *codecs.Error {
	if jsontext.IsNull(raw) {
		return nil
	}
	s := jsontext.Scan(raw)
	if s.Peek() != '[' {
		return &codecs.Error{Field: "updateDescription." + member, Reason: jsontext.Mismatch("an array", raw)}
	}
	for range s.Elements() {
		v := s.Value()
		if v == nil {
			break
		}
		if err := each(v); err != nil {
			return err
		}
	}
	return nil
}

// change sets the columns at and below a path. A column that holds more than the path
// cannot be made of its stored value and a part.
func (d *envelopeDecoder) change(path string, v []byte) *codecs.Error {
	for i := range d.columns {
		if d.keyAt[i] >= 0 {
			continue
		}
		for at, where := range d.columns[i].Places() {
			if at > 0 && !d.row.Missing[i] {
				break // an earlier path says it
			}
			rest, below := strings.CutPrefix(where, path+".")
			switch {
			case where == path:
				d.row.Raw[i], d.row.Missing[i] = v, false
			case below:
				d.row.Raw[i], d.row.Missing[i] = valueAt(v, rest), false
			case strings.HasPrefix(path, where+"."):
				return &codecs.Error{Field: "updateDescription." + where, Reason: "only a part of it changed, at " + jsontext.Clip([]byte(path)) + ": " + wholeRows}
			}
		}
	}
	return nil
}

// valueAt returns what is at a dotted path in a value, or nil.
func valueAt(v []byte, path string) []byte {
	x := extract.New(1, extract.NewPlaceholder(""))
	x.Add(path, 0)
	s := jsontext.Scan(v)
	if len(v) == 0 || v[0] != '{' || !x.Read(&s) {
		return nil
	}
	return x.Raw[0]
}
