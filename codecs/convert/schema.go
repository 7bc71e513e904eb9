package convert

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/codecs/datum"
)

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

// A Schema is the schema that Kafka Connect's JSON converter writes beside
// a payload, as far as it says what values mean, and what is lost of them.
type Schema struct {
	Type       string            `json:"type"`
	Name       string            `json:"name"`
	Field      string            `json:"field"`
	Parameters map[string]string `json:"parameters"`
	Fields     []Schema          `json:"fields"`
	Items      *Schema           `json:"items"`  // of an array
	Keys       *Schema           `json:"keys"`   // of a map
	Values     *Schema           `json:"values"` // of a map
	Optional   bool              `json:"optional"`
	Default    json.RawMessage   `json:"default"`
	avro       *datum.Type       // instead of Fields, where the schema is Avro's
}

// FromAvro returns what Kafka Connect calls an Avro type.
func FromAvro(t *datum.Type) *Schema {
	s := &Schema{avro: t}
	s.Type, s.Name, s.Parameters = t.Connect()
	return s
}

// Member returns the schema of the named field of a struct, or nil.
func (s *Schema) Member(name string) *Schema {
	if s.avro != nil {
		if t := s.avro.Field(name); t != nil {
			return FromAvro(t)
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

// At returns the schema at a dotted path, or nil where the schema does not reach.
func (s *Schema) At(path string) *Schema {
	if f := s.Member(path); f != nil {
		return f
	}
	for part := range strings.SplitSeq(path, ".") {
		if s = s.Member(part); s == nil {
			return nil
		}
	}
	return s
}

// meaning returns what the schema says of its values; known is false where it
// only names a type, which the JSON shows anyway.
func (s *Schema) meaning() (m Meaning, known bool) {
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
