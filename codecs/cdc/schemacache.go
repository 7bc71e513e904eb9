package cdc

import (
	"bytes"
	"encoding/json"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/tables"
)

// A schemaCache keeps what was read from the schemas seen last. A schema is the
// bulk of a record that carries one: it is compared, not parsed.
type schemaCache struct {
	columns []tables.Column
	find    convert.Find
	known   []cachedSchema // the newest use first
}

type cachedSchema struct {
	raw      []byte
	meanings []convert.Meaning
}

// What is kept is bounded: 16 schemas of at most a megabyte.
const (
	maxSchemas    = 16
	maxSchemaSize = 1 << 20
)

func newSchemaCache(columns []tables.Column, find convert.Find) *schemaCache {
	return &schemaCache{columns: columns, find: find}
}

// prefix returns the schema that b begins with, if it is a known one.
func (c *schemaCache) prefix(b []byte) []byte {
	if len(c.known) > 0 && bytes.HasPrefix(b, c.known[0].raw) {
		return c.known[0].raw
	}
	return nil
}

// get returns the meanings by the schema with the given JSON text; nil when there is none.
func (c *schemaCache) get(raw []byte) ([]convert.Meaning, *codecs.Error) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, nil
	}
	for i := range c.known {
		if bytes.Equal(c.known[i].raw, raw) {
			hit := c.known[i]
			copy(c.known[1:i+1], c.known[:i])
			c.known[0] = hit
			return hit.meanings, nil
		}
	}
	var root convert.Schema
	if err := json.Unmarshal(raw, &root); err != nil {
		return nil, &codecs.Error{Field: "schema", Reason: "this is no schema of Kafka Connect: " + err.Error()}
	}
	m := convert.Meanings(c.columns, func(col *tables.Column) *convert.Schema { return c.find(&root, col) })
	if len(raw) > maxSchemaSize {
		return m, nil
	}
	if len(c.known) < maxSchemas {
		c.known = append(c.known, cachedSchema{})
	}
	copy(c.known[1:], c.known)
	c.known[0] = cachedSchema{raw: bytes.Clone(raw), meanings: m}
	return m, nil
}
