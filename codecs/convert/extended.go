package convert

import (
	"bytes"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// Extended takes MongoDB's extended JSON apart: an object whose first member's name
// begins with a dollar says which type its value has. Others stay as they are.
func Extended(t tables.Type, m Meaning, raw []byte) (Meaning, []byte) {
	if len(raw) == 0 || raw[0] != '{' || t.Kind == tables.JSON {
		return m, raw
	}
	tag, v := jsontext.First(raw)
	if len(tag) == 0 || tag[0] != '$' || len(v) == 0 {
		return m, raw
	}
	plainly := Meaning{scale: unknownScale}
	as := func(k meaningKind) Meaning { return Meaning{kind: k, scale: unknownScale} }
	switch string(tag) {
	case "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal":
		return as(decimalText), v
	case "$oid", "$uuid", "$symbol":
		return plainly, v
	case "$date":
		if v[0] == '"' {
			return as(isoText), v
		}
		_, v = Extended(t, m, v)
		return as(epochMs), v
	case "$binary":
		if b := jsontext.Lookup(v, "base64"); b != nil {
			v = b
		}
		if t.Kind == tables.String { // base64 in a text, as other bytes
			return plainly, v
		}
		return as(bytesBase64), v
	case "$timestamp":
		if seconds := jsontext.Lookup(v, "t"); seconds != nil {
			return as(epochMs), append(bytes.Clone(seconds), "000"...)
		}
	}
	return m, raw
}
