package codecs

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/codecs/datum"
	"github.com/tidemark/tidemark/tables"
)

// A connectSchema is the schema that Kafka Connect's JSON converter writes beside
// a payload, as far as it says what values mean.
type connectSchema struct {
	Type       string            `json:"type"`
	Name       string            `json:"name"`
	Field      string            `json:"field"`
	Parameters map[string]string `json:"parameters"`
	Fields     []connectSchema   `json:"fields"`
	Items      *connectSchema    `json:"items"`  // of an array
	Keys       *connectSchema    `json:"keys"`   // of a map
	Values     *connectSchema    `json:"values"` // of a map
	avro       *datum.Type       // instead of Fields, where the schema is Avro's
}

// fromAvro returns what Kafka Connect calls an Avro type.
func fromAvro(t *datum.Type) *connectSchema {
	s := &connectSchema{avro: t}
	s.Type, s.Name, s.Parameters = t.Connect()
	return s
}

// field returns the schema of the named field of a struct, or nil.
func (s *connectSchema) field(name string) *connectSchema {
	if s.avro != nil {
		if t := s.avro.Field(name); t != nil {
			return fromAvro(t)
		}
		return nil
	}
	for i := range s.Fields {
		if s.Fields[i].Field == name {
			return &s.Fields[i]
		}
	}
	return nil
}

// at returns the schema at a dotted path, or nil where the schema does not reach.
func (s *connectSchema) at(path string) *connectSchema {
	if f := s.field(path); f != nil {
		return f
	}
	for part := range strings.SplitSeq(path, ".") {
		if s = s.field(part); s == nil {
			return nil
		}
	}
	return s
}

// meaning returns what the schema says of its values; known is false where it
// only names a type, which the JSON shows anyway.
func (s *connectSchema) meaning() (m meaning, known bool) {
	m.scale = unknownScale
	switch s.Name {
	case "org.apache.kafka.connect.data.Decimal":
		m.kind, m.scale = decimalBytes, 0
		if n, err := strconv.Atoi(s.Parameters["scale"]); err == nil && n >= -maxScale && n <= maxScale {
			m.scale = n
		}
	case "io.debezium.data.VariableScaleDecimal":
		m.kind = decimalBytes
	case "io.debezium.time.Date", "org.apache.kafka.connect.data.Date":
		m.kind = epochDays
	case "io.debezium.time.Time", "org.apache.kafka.connect.data.Time":
		m.kind = timeMs
	case "io.debezium.time.MicroTime":
		m.kind = timeUs
	case "io.debezium.time.NanoTime":
		m.kind = timeNs
	case "io.debezium.time.Timestamp", "org.apache.kafka.connect.data.Timestamp":
		m.kind = epochMs
	case "io.debezium.time.MicroTimestamp":
		m.kind = epochUs
	case "io.debezium.time.NanoTimestamp":
		m.kind = epochNs
	case "io.debezium.time.ZonedTimestamp", "io.debezium.time.ZonedTime",
		"io.debezium.time.IsoDate", "io.debezium.time.IsoTime", "io.debezium.time.IsoTimestamp":
		m.kind = isoText
	case "io.debezium.time.MicroDuration":
		m.kind = durationUs
	case "io.debezium.time.NanoDuration":
		m.kind = durationNs
	case "io.debezium.time.StructuredDate", "io.debezium.time.StructuredTime", "io.debezium.time.StructuredTimestamp",
		"io.debezium.time.StructuredZonedTime", "io.debezium.time.StructuredZonedTimestamp", "io.debezium.time.StructuredDuration":
		m.kind = structured
	case "io.debezium.data.Json":
		m.kind = jsonText
	case "io.debezium.data.Bits":
		m.kind = bitsLE
		m.bits, _ = strconv.Atoi(s.Parameters["length"])
	default:
		m.kind = bytesBase64
		return m, s.Type == "bytes"
	}
	return m, true
}

// meanings returns what is known of each column's values: by its schema, which
// find looks up, and by its declared encoding as far as the schema leaves that open.
func meanings(columns []tables.Column, find func(c *tables.Column) *connectSchema) []meaning {
	out := make([]meaning, len(columns))
	for i := range columns {
		c := &columns[i]
		if f := find(c); f != nil {
			out[i] = columnMeaning(c, f)
			continue
		}
		out[i] = declared(c)
	}
	return out
}

func noSchema(*tables.Column) *connectSchema { return nil }

// A findSchema returns the schema of a column's values below a payload's, or nil.
type findSchema func(root *connectSchema, c *tables.Column) *connectSchema

// schemaIn finds the schemas of a row's columns where rows are what row returns.
func schemaIn(row func(root *connectSchema) *connectSchema) findSchema {
	return func(root *connectSchema, c *tables.Column) *connectSchema {
		r := row(root)
		if r == nil {
			return nil
		}
		for _, place := range c.Places() {
			if f := r.at(place); f != nil {
				return f
			}
		}
		return nil
	}
}

// A schemaCache keeps what was read from the schemas seen last. A schema is the
// bulk of a record that carries one: it is compared, not parsed.
type schemaCache struct {
	columns []tables.Column
	find    findSchema
	known   []cachedSchema // the newest use first
}

type cachedSchema struct {
	raw      []byte
	meanings []meaning
}

// What is kept is bounded: 16 schemas of at most a megabyte.
const (
	maxSchemas    = 16
	maxSchemaSize = 1 << 20
)

func newSchemaCache(columns []tables.Column, find findSchema) *schemaCache {
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
func (c *schemaCache) get(raw []byte) ([]meaning, *Error) {
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
	var root connectSchema
	if err := json.Unmarshal(raw, &root); err != nil {
		return nil, &Error{Field: "schema", Reason: "this is no schema of Kafka Connect: " + err.Error()}
	}
	m := meanings(c.columns, func(col *tables.Column) *connectSchema { return c.find(&root, col) })
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
