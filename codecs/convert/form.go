package convert

import (
	"strconv"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// append writes a value in its form. The text has been scanned before.
func (d *form) append(dst, raw []byte) ([]byte, string) {
	switch {
	case d == nil || len(raw) == 0 || raw[0] == 'n':
		return append(dst, jsontext.OrNull(raw)...), ""
	case raw[0] == '[' && d.typ != nil:
		return appendItems(dst, raw, d, d)
	case raw[0] == '[' && d.items != nil:
		return appendItems(dst, raw, d.items, d.items)
	case raw[0] == '[' && (d.keys != nil || d.values != nil): // each pair is an array of two
		pair := &form{pair: d}
		return appendItems(dst, raw, pair, pair)
	case raw[0] == '[' && d.pair != nil:
		return appendItems(dst, raw, d.pair.keys, d.pair.values)
	case raw[0] == '{' && (d.fields != nil || d.values != nil):
		return d.appendMembers(dst, raw)
	}
	return d.appendLeaf(dst, raw)
}

// appendItems writes an array whose first item has one form, and the others another.
func appendItems(dst, raw []byte, first, others *form) ([]byte, string) {
	s := jsontext.Scan(raw)
	dst = append(dst, '[')
	for i := range s.Elements() {
		in := first
		if i > 0 {
			in, dst = others, append(dst, ',')
		}
		var reason string
		if dst, reason = in.append(dst, s.Value()); reason != "" {
			return dst, "item " + strconv.Itoa(i) + ": " + reason
		}
	}
	return append(dst, ']'), ""
}

func (d *form) appendMembers(dst, raw []byte) ([]byte, string) {
	s := jsontext.Scan(raw)
	dst = append(dst, '{')
	for k, name := range s.Members() {
		if k > 0 {
			dst = append(dst, ',')
		}
		in := d.values
		if d.fields != nil {
			in = d.fields[string(name)]
		}
		dst = append(tables.AppendJSONString(dst, string(name)), ':')
		var reason string
		if dst, reason = in.append(dst, s.Value()); reason != "" {
			return dst, "member " + jsontext.Clip(name) + ": " + reason
		}
	}
	return append(dst, '}'), ""
}

// appendLeaf writes a value that is neither array nor object to its form.
func (d *form) appendLeaf(dst, raw []byte) ([]byte, string) {
	if d.typ != nil {
		v, reason := Value(*d.typ, d.m, raw)
		return tables.AppendJSON(dst, *d.typ, v, false), reason
	}
	switch d.m.kind {
	case plain:
		return append(dst, raw...), ""
	case decimalBytes:
		n, reason := readNumber(d.m, raw)
		return append(dst, n.text()...), reason
	case jsonText:
		v, reason := toJSON(d.m, raw)
		return append(dst, v.Str()...), reason
	case isoText:
		if v, reason := toTimestamp(d.m, raw); reason == "" { // as instants without a zone are written
			return tables.AppendJSON(dst, tables.Type{Kind: tables.Timestamp}, v, false), ""
		}
		return append(dst, raw...), ""
	}
	v, reason := toString(d.m, raw)
	return tables.AppendJSON(dst, tables.Type{Kind: tables.String}, v, false), reason
}
