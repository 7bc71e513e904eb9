package drift

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/ticdc"
	"github.com/tidemark/tidemark/tables"
)

// Shape is what one record says of the rows of its source.
type Shape struct {
	Table    string            // of the source, as schema.table; empty where the record does not say
	Members  map[string]string // of the row, with their types; a type is empty where the value is null
	Schema   bool              // a schema names the members, so one that is not there is gone
	Complete bool              // rows of this form have all members, also those that are null
	Key      []string          // the members of the record's key
	told     Told              // what its schema tells, for a table that takes it
}

// limits of what is looked at.
const (
	maxValue   = 4 << 20
	maxMembers = 2000
)

// typeOf names a type as people know it, with what changes the meaning of values.
func typeOf(f *convert.Schema) string {
	name := f.Name[strings.LastIndexByte(f.Name, '.')+1:]
	switch {
	case f.Name == "" && f.Type == "array" && f.Items != nil:
		return "array of " + typeOf(f.Items)
	case f.Name == "" || f.Type == "struct" && !strings.HasPrefix(f.Name, "io.debezium.") && !strings.HasPrefix(f.Name, "org.apache."):
		return f.Type
	}
	for _, p := range []string{"scale", "length"} {
		if v := f.Parameters[p]; v != "" {
			name += fmt.Sprintf("(%s %s)", p, v)
		}
	}
	return name
}

// memberOfSchema returns the schema of a field, or nil; a schema that is not there has none.
func memberOfSchema(f *convert.Schema, name string) *convert.Schema {
	if f == nil {
		return nil
	}
	return f.Member(name)
}

// ShapeOf returns what a record says; ok is false where it says nothing of a row.
func ShapeOf(t *tables.Table, r *codecs.Record, schemas avro.Schemas) (s Shape, ok bool) {
	if t.Source.Format.Avro() && len(r.Value) <= maxValue {
		shown, _, err := avro.AsJSON(r, schemas)
		if err != nil {
			return s, false
		}
		r = shown
	}
	at, ok := locate(t, r)
	if !ok {
		return s, false
	}
	s = Shape{Table: at.table, Complete: at.complete, Schema: at.schema != nil}
	if s.Members = members(at, t); len(s.Members) == 0 {
		return s, false
	}
	if t.ColumnsFrom == tables.ColumnsSchema && at.schema != nil {
		s.told = columnsOf(at)
	}
	if at.keyed {
		_, key := unwrap(r.Key)
		for name := range key {
			s.Key = append(s.Key, name)
		}
	}
	return s, true
}

// locate finds the row of a record that is JSON.
func locate(t *tables.Table, r *codecs.Record) (location, bool) {
	if len(r.Value) == 0 || len(r.Value) > maxValue || strings.HasPrefix(r.Topic, "__debezium-heartbeat") {
		return location{}, false
	}
	if t.Source.Format == tables.TiCDCOpen {
		r = ticdc.Expand([]*codecs.Record{r})[0]
	}
	schema, payload := unwrap(r.Value)
	return rowIn(t.Source, schema, payload)
}

// unwrap returns the members of an object, and its schema where one is beside it.
func unwrap(b []byte) (*convert.Schema, map[string]json.RawMessage) {
	out := object(b)
	payload, wrapped := out["payload"]
	raw, named := out["schema"]
	if !wrapped || len(out) > 2 || len(out) == 2 && !named {
		return nil, out
	}
	var schema *convert.Schema
	if named {
		_ = json.Unmarshal(raw, &schema)
	}
	if inner := object(payload); inner != nil {
		return schema, inner
	}
	return nil, out
}

// object reads a JSON object; nil where it is none.
func object(b []byte) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	if b = bytes.TrimSpace(b); len(b) == 0 || b[0] != '{' || json.Unmarshal(b, &out) != nil || len(out) > maxMembers {
		return nil
	}
	return out
}

// members lists a row's members with their types.
func members(at location, t *tables.Table) map[string]string {
	out := map[string]string{}
	if at.schema != nil {
		for i := range at.schema.Fields {
			f := &at.schema.Fields[i]
			out[f.Field] = typeOf(f)
		}
	} else {
		for name, raw := range at.row {
			out[name] = kindOf(raw, temporal(t, name))
		}
	}
	for name, typ := range at.types {
		if _, there := out[name]; there {
			out[name] = typ
		}
	}
	for name := range out {
		if at.added && isAdded(name) {
			delete(out, name)
		}
	}
	return out
}

// isAdded reports whether a transform has added a member.
func isAdded(name string) bool { return strings.HasPrefix(name, "__") }

// temporal reports whether a column of dates or times is read from a member.
func temporal(t *tables.Table, name string) bool {
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Where() == name && c.Type.Kind == tables.Timestamp {
			return true
		}
	}
	return false
}

// kindOf names what a JSON value is. Of an instant as a number its digits give the unit.
func kindOf(raw json.RawMessage, instant bool) string {
	switch raw[0] {
	case 'n':
		return ""
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "text"
	case 't', 'f':
		return "boolean"
	}
	if !instant {
		return "number"
	}
	switch n := len(bytes.TrimLeft(raw, "-")); {
	case n >= 9 && n <= 10:
		return "number of seconds"
	case n >= 12 && n <= 13:
		return "number of milliseconds"
	case n >= 15 && n <= 16:
		return "number of microseconds"
	case n >= 18 && n <= 19:
		return "number of nanoseconds"
	}
	return "" // it says nothing
}
