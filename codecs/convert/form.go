package convert

import (
	"strconv"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A form says what stands inside of an array or an object that becomes JSON, where
// that is more than the JSON itself says: what its schema tells of the items, or what
// the column declares of them.
type form struct {
	typ    *tables.Type     // of the items, where the column declares it; then m is of these
	m      Meaning          // of a value that is neither array nor object
	items  *form            // of an array
	fields map[string]*form // of a struct
	keys   *form            // of a map whose keys are no strings: an array of pairs
	values *form            // of a map
	pair   *form            // of one pair: the map's form
}

// What a schema can make of itself is bounded: Avro's may be recursive.
const (
	maxFormDepth = 32
	maxForms     = 4096
)

// formOf returns the form of values with a schema; nil where their JSON says all.
func formOf(f *Schema) *form {
	left := maxForms
	return nested(f, 0, &left)
}

func nested(f *Schema, depth int, left *int) *form {
	if f == nil || depth > maxFormDepth || *left <= 0 {
		return nil
	}
	*left--
	if m, known := f.meaning(); known {
		if depth == 0 || !m.shows() {
			return nil // the column itself is no array, or its JSON says what it is
		}
		return &form{m: m}
	}
	out := &form{}
	switch f.Type {
	case "array":
		out.items = nested(f.item(), depth+1, left)
	case "map":
		key, value := f.pair()
		out.keys, out.values = nested(key, depth+1, left), nested(value, depth+1, left)
	case "struct":
		for _, name := range f.names() {
			if in := nested(f.Member(name), depth+1, left); in != nil {
				if out.fields == nil {
					out.fields = map[string]*form{}
				}
				out.fields[name] = in
			}
		}
	}
	if out.items == nil && out.keys == nil && out.values == nil && out.fields == nil {
		return nil
	}
	return out
}

// shows reports whether an item of the meaning is written in another way than it came.
func (m Meaning) shows() bool {
	switch m.kind {
	case bytesBase64, durationUs, durationNs:
		return false
	}
	return true
}

// under returns the declared form with what a schema says of the items.
func (d *form) under(f *Schema) *form {
	for depth := 0; f != nil && f.Type == "array" && depth < maxFormDepth; depth++ {
		f = f.item()
	}
	out := *d
	if f != nil {
		out.m = meant(*d.typ, d.m, f)
	}
	return &out
}

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

// item returns the schema of an array's items, or nil.
func (s *Schema) item() *Schema {
	if s.avro == nil {
		return s.Items
	}
	if t := s.avro.Items(); t != nil {
		return FromAvro(t)
	}
	return nil
}

// pair returns the schemas of a map's keys and values; nil where they say nothing.
func (s *Schema) pair() (key, value *Schema) {
	if s.avro == nil {
		return s.Keys, s.Values
	}
	if k, v := s.avro.Pair(); v != nil {
		if k != nil {
			key = FromAvro(k)
		}
		return key, FromAvro(v)
	}
	return nil, nil
}

// names returns the names of a struct's fields.
func (s *Schema) names() []string {
	if s.avro != nil {
		return s.avro.Fields()
	}
	out := make([]string, len(s.Fields))
	for i := range s.Fields {
		out[i] = s.Fields[i].Field
	}
	return out
}
