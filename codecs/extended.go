package codecs

import (
	"bytes"

	"github.com/tidemark/tidemark/tables"
)

// extended takes MongoDB's extended JSON apart: an object whose first member's name
// begins with a dollar says which type its value has. Others stay as they are.
func extended(t tables.Type, m meaning, raw []byte) (meaning, []byte) {
	if len(raw) == 0 || raw[0] != '{' || t.Kind == tables.JSON {
		return m, raw
	}
	tag, v := firstMember(raw)
	if len(tag) == 0 || tag[0] != '$' || len(v) == 0 {
		return m, raw
	}
	plainly := meaning{scale: unknownScale}
	as := func(k meaningKind) meaning { return meaning{kind: k, scale: unknownScale} }
	switch string(tag) {
	case "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal":
		return as(decimalText), v
	case "$oid", "$uuid", "$symbol":
		return plainly, v
	case "$date":
		if v[0] == '"' {
			return as(isoText), v
		}
		_, v = extended(t, m, v)
		return as(epochMs), v
	case "$binary":
		if b := memberOf(v, "base64"); b != nil {
			v = b
		}
		if t.Kind == tables.String { // base64 in a text, as other bytes
			return plainly, v
		}
		return as(bytesBase64), v
	case "$timestamp":
		if seconds := memberOf(v, "t"); seconds != nil {
			return as(epochMs), append(bytes.Clone(seconds), "000"...)
		}
	}
	return m, raw
}

// memberOf returns the value of a member of an object, or nil.
func memberOf(object []byte, name string) []byte {
	s := scanning(object)
	for _, n := range s.members() {
		found := string(n) == name
		if v := s.value(); found {
			return v
		}
	}
	return nil
}

// firstMember returns name and value of an object's first member, or nothing.
func firstMember(object []byte) (name, value []byte) {
	s := scanning(object)
	for _, name := range s.members() {
		return name, s.value()
	}
	return nil, nil
}

// jsonInText returns the JSON that a text holds, as each member of a MongoDB key is one.
func jsonInText(raw []byte) ([]byte, string) {
	if raw[0] != '"' {
		return raw, ""
	}
	text, ok := unquote(raw)
	s := scanning(text)
	if v := s.value(); ok && v != nil && s.end() {
		return v, ""
	}
	return nil, mismatch("JSON in a text", raw)
}
