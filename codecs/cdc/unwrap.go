package cdc

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// unwrap returns schema and payload when b is an object of exactly these two
// members, as a converter with schemas.enable=true writes it; else the payload is
// b itself. A schema is an object or null. With alone the payload may also be the only
// member, as producers write it that leave the schema out.
func unwrap(b []byte, cache *schemaCache, alone bool) (schema, payload []byte, fault string) {
	s := jsontext.Scan(b)
	if s.Peek() != '{' || !looksWrapped(s.Rest()) {
		return nil, b, ""
	}
	others := false
	for _, name := range s.Members() {
		switch string(name) {
		case "schema":
			if known := cache.prefix(s.Rest()); known != nil {
				schema = known
				s.Pass(len(known))
				continue
			}
			schema = s.Value()
		case "payload":
			payload = s.Value()
		default:
			others = true
			s.Value()
		}
	}
	switch {
	case !s.End():
		return nil, nil, s.Fault
	case alone && !others && schema == nil && payload != nil:
		return nil, payload, ""
	case others || payload == nil || schema == nil || schema[0] != '{' && schema[0] != 'n':
		return nil, b, ""
	}
	return schema, payload, ""
}

// looksWrapped reports whether the first member is one of the two.
func looksWrapped(b []byte) bool {
	b = bytes.TrimLeft(b[1:], " \t\r\n")
	return bytes.HasPrefix(b, []byte(`"schema"`)) || bytes.HasPrefix(b, []byte(`"payload"`))
}

// payloadOf returns what is in {"schema":...,"payload":...}, or in {"payload":...};
// nil where text is no such object.
func payloadOf(text []byte) []byte {
	s := jsontext.Scan(text)
	var payload []byte
	for _, name := range s.Members() {
		switch string(name) {
		case "schema":
			s.Value()
		case "payload":
			payload = s.Value()
		default:
			return nil
		}
	}
	if !s.End() {
		return nil
	}
	return payload
}

// hasPayload reports whether one of the columns is, or is in, a member named payload:
// then a row of that member alone is no wrapping.
func hasPayload(columns []tables.Column) bool {
	const member = "payload"
	return slices.ContainsFunc(columns, func(c tables.Column) bool {
		return c.Name == member || slices.ContainsFunc(c.Places(), func(p string) bool { return p == member || strings.HasPrefix(p, member+".") })
	})
}
