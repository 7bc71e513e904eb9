package ask

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/query"
)

// ofJSON reads a key of a lookup: a value, a list of values in the declared order,
// or an object of values by the names of their columns.
func (k *Keys) ofJSON(buf *[]byte, field string, raw json.RawMessage) (tables.Key, error) {
	*buf = (*buf)[:0]
	switch raw[0] {
	case '{':
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return "", problem.BadRequest("bad-body", field, "the key is no JSON object", "")
		}
		return k.memberKey(buf, field, members)
	case '[':
		var values []json.RawMessage
		if err := json.Unmarshal(raw, &values); err != nil {
			return "", problem.BadRequest("bad-body", field, "the key is no JSON array", "")
		}
		if len(values) != len(k.columns) {
			return "", problem.BadRequest("bad-key", field, fmt.Sprintf("the key has %d values, and %d were given", len(k.columns), len(values)), "")
		}
		for i, v := range values {
			if err := k.jsonPart(buf, field, i, v); err != nil {
				return "", err
			}
		}
		return tables.Key(*buf), nil
	}
	if len(k.columns) != 1 {
		return "", problem.BadRequest("bad-key", field, fmt.Sprintf("the key has %d values", len(k.columns)),
			"write a list or an object of "+strings.Join(k.table.Key, ", "))
	}
	err := k.jsonPart(buf, field, 0, raw)
	return tables.Key(*buf), err
}

func (k *Keys) memberKey(buf *[]byte, field string, members map[string]json.RawMessage) (tables.Key, error) {
	for i, name := range k.table.Key {
		v, ok := members[name]
		if !ok {
			return "", problem.BadRequest("bad-key", field, "the key has no member "+query.Quote(name), "")
		}
		delete(members, name)
		if err := k.jsonPart(buf, field, i, v); err != nil {
			return "", err
		}
	}
	for name := range members {
		return "", problem.BadRequest("bad-key", field, query.Quote(name)+" is no column of the key", "the key is "+strings.Join(k.table.Key, ", "))
	}
	return tables.Key(*buf), nil
}

// jsonPart appends one JSON value to the key.
func (k *Keys) jsonPart(buf *[]byte, field string, i int, raw json.RawMessage) error {
	col := &k.table.Columns[k.columns[i]]
	v, err := jsonValue(col.Type, bytes.TrimSpace(raw))
	if err != nil {
		return problem.BadRequest("bad-key", field, fmt.Sprintf("the column %s is %s: %v", col.Name, col.Type, err), "")
	}
	*buf = tables.AppendKey(*buf, v)
	return nil
}

// jsonValue reads valid JSON as a value of type t. Numbers may be strings, as
// numbers=string writes them.
func jsonValue(t tables.Type, raw []byte) (tables.Value, error) {
	numeric := t.Kind == tables.Int64 || t.Kind == tables.DecimalKind || t.Kind == tables.Float64
	switch c := raw[0]; {
	case t.Kind == tables.JSON:
		return tables.JSONValue(string(raw)), nil
	case string(raw) == "null":
		return tables.Value{}, nil
	case c == '"' && t.Kind != tables.Bool:
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return tables.Value{}, fmt.Errorf("%s is no string", query.Quote(string(raw)))
		}
		return tables.ParseText(t, s)
	case (c == 't' || c == 'f') && t.Kind == tables.Bool, numeric && (c == '-' || c >= '0' && c <= '9'):
		return tables.ParseText(t, string(raw))
	}
	return tables.Value{}, fmt.Errorf("%s is not expected", query.Quote(string(raw)))
}
