package ticdc

import (
	"bytes"
	"slices"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// The kinds of events of the open protocol, and the type of the statement that empties a table.
const (
	rowChanged = "1"
	ddl        = "2"
	resolved   = "3"

	truncateTable = "11"
)

// Message writes an event as a message of the simple protocol. With types it says beside the row
// what its columns are (mysqlType, pkNames), and that the source is a batch. The reason says what
// is wrong with the event, and where.
func (e Event) Message(dst []byte, types bool) (out []byte, where, reason string) {
	key, ok := jsontext.ReadObject(e.Key)
	if !ok {
		return dst, "key", jsontext.Mismatch("an object", e.Key)
	}
	dst = append(dst, `{"version":1`...)
	for _, m := range [][2]string{{"scm", "database"}, {"tbl", "table"}, {"ts", "commitTs"}, {"ohk", "handleKeyOnly"}, {"ccl", "claimCheckLocation"}} {
		if raw := key.Get(m[0]); raw != nil {
			dst = append(append(append(append(dst, `,"`...), m[1]...), `":`...), raw...)
		}
	}
	kind := string(key.Get("t"))
	if kind == resolved {
		return append(dst, `,"type":"WATERMARK"}`...), "", ""
	}
	value, ok := jsontext.ReadObject(e.Value)
	if !ok {
		return dst, "value", jsontext.Mismatch("an object", e.Value)
	}
	switch kind {
	case ddl:
		name := `"QUERY"`
		if string(value.Get("t")) == truncateTable {
			name = `"TRUNCATE"`
		}
		dst = append(append(dst, `,"type":`...), name...)
	case rowChanged:
		if dst, where, reason = row(dst, value, types); reason != "" {
			return dst, where, reason
		}
	default:
		dst = append(append(dst, `,"type":`...), tables.AppendJSONString(nil, "event "+jsontext.Clip(key.Get("t")))...)
	}
	return append(dst, '}'), "", ""
}

// row writes the images of a row.
func row(dst []byte, value jsontext.Object, types bool) (out []byte, where, reason string) {
	was, is, gone := value.Get("p"), value.Get("u"), value.Get("d")
	kind, named := "INSERT", is
	switch {
	case !jsontext.IsNull(gone):
		kind, was, is, named = "DELETE", gone, nil, gone
	case jsontext.IsNull(is):
		return dst, "value", "an event that has no row, neither in u nor in d"
	case !jsontext.IsNull(was):
		kind = "UPDATE"
	}
	dst = append(append(append(dst, `,"type":"`...), kind...), '"')
	for _, image := range []struct {
		member, at string
		columns    []byte
	}{{"data", "u", is}, {"old", "p", was}} {
		if jsontext.IsNull(image.columns) {
			continue
		}
		dst = append(append(append(dst, `,"`...), image.member...), `":`...)
		if dst, where, reason = columns(dst, image.columns); reason != "" {
			return dst, "value." + image.at + "." + where, reason
		}
	}
	if types {
		dst = appendTypes(dst, named)
	}
	return dst, "", ""
}

// columns writes the columns of an image, each as its value.
func columns(dst, image []byte) (out []byte, where, reason string) {
	all, ok := jsontext.ReadObject(image)
	if !ok {
		return dst, "", jsontext.Mismatch("an object of columns", image)
	}
	dst = append(dst, '{')
	for i, c := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(tables.AppendJSONString(dst, c.Name), ':')
		if dst, reason = appendValue(dst, c.Value); reason != "" {
			return dst, c.Name, reason
		}
	}
	return append(dst, '}'), "", ""
}

// appendTypes says what the columns of an image are.
func appendTypes(dst, image []byte) []byte {
	all, _ := jsontext.ReadObject(image)
	var names, keys [][]byte
	for _, c := range all {
		name := tables.AppendJSONString(nil, c.Name)
		typ, primary := mysqlType(c.Value)
		names = append(names, slices.Concat(name, []byte(":"), tables.AppendJSONString(nil, typ)))
		if primary {
			keys = append(keys, name)
		}
	}
	dst = append(append(append(dst, `,"mysqlType":{`...), bytes.Join(names, []byte(","))...), '}')
	return append(append(append(dst, `,"pkNames":[`...), bytes.Join(keys, []byte(","))...), `],"batched":true`...)
}
