package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// pathKey reads the key that a path names: the values in the declared order,
// separated by commas, each percent-encoded. A key of one column takes the whole
// of it, commas and all.
func (t *served) pathKey(c *call, raw string) (tables.Key, error) {
	c.key = c.key[:0]
	if len(t.keys) == 1 {
		return t.keyPart(c, 0, raw)
	}
	parts := strings.Split(raw, ",")
	if len(parts) != len(t.keys) {
		return "", t.badKey(fmt.Sprintf("the key has %d values, and %d were given", len(t.keys), len(parts)))
	}
	var key tables.Key
	var err error
	for i, part := range parts {
		if key, err = t.keyPart(c, i, part); err != nil {
			return "", err
		}
	}
	return key, nil
}

// keyPart appends one value to the key and returns the key as far as it goes.
func (t *served) keyPart(c *call, i int, raw string) (tables.Key, error) {
	text := raw
	if strings.IndexByte(raw, '%') >= 0 {
		var err error
		if text, err = url.PathUnescape(raw); err != nil {
			return "", t.badKey("the key is not percent-encoded as a URL is")
		}
	}
	col := &t.def.Columns[t.keys[i]]
	v, err := tables.ParseText(col.Type, text)
	if err != nil {
		return "", t.badKey(fmt.Sprintf("the column %s is %s: %v", col.Name, col.Type, err))
	}
	c.key = tables.AppendKey(c.key, v)
	return tables.Key(c.key), nil
}

func (t *served) badKey(detail string) *Problem {
	hint := "the key is " + strings.Join(t.def.Key, ",")
	if len(t.keys) > 1 {
		hint += "; write a comma inside of a value as %2C"
	}
	return badRequest("bad-key", "key", detail, hint)
}

// jsonKey reads a key of a lookup: a value, a list of values in the declared order,
// or an object of values by the names of their columns.
func (t *served) jsonKey(c *call, field string, raw json.RawMessage) (tables.Key, error) {
	c.key = c.key[:0]
	switch raw[0] {
	case '{':
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return "", badRequest("bad-body", field, "the key is no JSON object", "")
		}
		return t.memberKey(c, field, members)
	case '[':
		var values []json.RawMessage
		if err := json.Unmarshal(raw, &values); err != nil {
			return "", badRequest("bad-body", field, "the key is no JSON array", "")
		}
		if len(values) != len(t.keys) {
			return "", badRequest("bad-key", field, fmt.Sprintf("the key has %d values, and %d were given", len(t.keys), len(values)), "")
		}
		for i, v := range values {
			if err := t.jsonPart(c, field, i, v); err != nil {
				return "", err
			}
		}
		return tables.Key(c.key), nil
	}
	if len(t.keys) != 1 {
		return "", badRequest("bad-key", field, fmt.Sprintf("the key has %d values", len(t.keys)),
			"write a list or an object of "+strings.Join(t.def.Key, ", "))
	}
	err := t.jsonPart(c, field, 0, raw)
	return tables.Key(c.key), err
}

func (t *served) memberKey(c *call, field string, members map[string]json.RawMessage) (tables.Key, error) {
	for i, name := range t.def.Key {
		v, ok := members[name]
		if !ok {
			return "", badRequest("bad-key", field, "the key has no member "+query.Quote(name), "")
		}
		delete(members, name)
		if err := t.jsonPart(c, field, i, v); err != nil {
			return "", err
		}
	}
	for name := range members {
		return "", badRequest("bad-key", field, query.Quote(name)+" is no column of the key", "the key is "+strings.Join(t.def.Key, ", "))
	}
	return tables.Key(c.key), nil
}

// jsonPart appends one JSON value to the key.
func (t *served) jsonPart(c *call, field string, i int, raw json.RawMessage) error {
	col := &t.def.Columns[t.keys[i]]
	v, err := jsonValue(col.Type, bytes.TrimSpace(raw))
	if err != nil {
		return badRequest("bad-key", field, fmt.Sprintf("the column %s is %s: %v", col.Name, col.Type, err), "")
	}
	c.key = tables.AppendKey(c.key, v)
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
