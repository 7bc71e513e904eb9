package proposal

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// look is what JSON itself shows of a value.
type look uint8

const (
	lookNull look = iota
	lookBool
	lookInt
	lookFraction
	lookSpecial // NaN or an infinity as text: a float among numbers, else a text
	lookText
	lookArray
	lookVarying // {"scale":..,"value":..}, as decimals without a declared scale are written
	lookNested
	lookPlaceholder // the value was not in the database's log
)

func lookOf(raw []byte) look {
	raw = bytes.TrimSpace(raw)
	switch {
	case isNull(raw):
		return lookNull
	case string(raw) == `"`+tables.DefaultPlaceholder+`"`:
		return lookPlaceholder
	case raw[0] == 't' || raw[0] == 'f':
		return lookBool
	case raw[0] == '"':
		if slices.Contains([]string{`"NaN"`, `"Infinity"`, `"-Infinity"`}, string(raw)) {
			return lookSpecial
		}
		return lookText
	case raw[0] == '[':
		return lookArray
	case raw[0] == '{':
		if ms, ok := members(raw); ok && len(ms) == 2 && ms[0].name == "scale" && ms[1].name == "value" {
			return lookVarying
		}
		return lookNested
	case bytes.ContainsAny(raw, ".eE"):
		return lookFraction
	}
	return lookInt
}

// column is what was seen of one member of the rows.
type column struct {
	name   string
	seen   map[look]int
	schema *schema
}

// propose returns the column, and what could not be known about it.
func (c *column) propose() (tables.Column, string) {
	if c.schema != nil {
		if t, doubt, ok := c.schema.columnType(); ok {
			return tables.Column{Name: c.name, Type: t}, doubt
		}
	}
	kind, doubt := c.fromLooks()
	return tables.Column{Name: c.name, Type: tables.Type{Kind: kind}}, doubt
}

func (c *column) fromLooks() (tables.Kind, string) {
	var looks []look
	for l := lookBool; l <= lookNested; l++ {
		if c.seen[l] > 0 {
			looks = append(looks, l)
		}
	}
	numbers := !slices.ContainsFunc(looks, func(l look) bool { return l != lookInt && l != lookFraction && l != lookSpecial })
	switch {
	case len(looks) == 0:
		return tables.String, "no value was seen; text?"
	case len(looks) > 1 && numbers:
		looks = []look{lookFraction}
	case len(looks) == 2 && looks[0] == lookSpecial && looks[1] == lookText:
		looks = looks[1:]
	case len(looks) > 1:
		return tables.JSON, "values of several kinds were seen"
	}
	switch looks[0] {
	case lookBool:
		return tables.Bool, ""
	case lookInt:
		return tables.Int64, "a number: a date or a time?"
	case lookFraction:
		return tables.Float64, "a fraction: a decimal(p,s)?"
	case lookArray:
		return tables.JSON, ""
	case lookVarying:
		return tables.JSON, "a decimal of varying scale? then type decimal(p,s) and encoding decimal_base64"
	case lookNested:
		return tables.JSON, "nested: take parts of it with columns of their own and path: " + quote(c.name) + ".<member>"
	}
	return tables.String, "text: a decimal, a date, bytes or JSON?"
}

// schema is a schema of Kafka Connect, as its JSON converter writes it.
type schema struct {
	Type       string            `json:"type"`
	Name       string            `json:"name"`
	Field      string            `json:"field"`
	Parameters map[string]string `json:"parameters"`
	Fields     []schema          `json:"fields"`
}

func (s *schema) field(name string) *schema {
	for i := range s.Fields {
		if s.Fields[i].Field == name {
			return &s.Fields[i]
		}
	}
	return nil
}

// row returns the schema of the row in the schema of a value.
func (s *schema) row(format tables.Format) *schema {
	if format == tables.DebeziumJSON {
		return s.field("after")
	}
	return s
}

// columnType returns the type of values with this schema.
func (s *schema) columnType() (t tables.Type, doubt string, ok bool) {
	if k, known := logicalTypes[s.Name]; known {
		return tables.Type{Kind: k}, "", true
	}
	switch {
	case s.Name == "org.apache.kafka.connect.data.Decimal":
		return s.decimal()
	case s.Name == "io.debezium.data.VariableScaleDecimal":
		return tables.Type{Kind: tables.DecimalKind, Precision: tables.MaxPrecision, Scale: 9},
			"a decimal without a declared scale: 9 digits after the point were taken", true
	case strings.HasPrefix(s.Name, "io.debezium.data.geometry."):
		return tables.Type{Kind: tables.JSON}, "", true
	}
	k, known := connectTypes[s.Type]
	return tables.Type{Kind: k}, "", known
}

func (s *schema) decimal() (tables.Type, string, bool) {
	scale, precision, doubt := number(s.Parameters["scale"]), number(s.Parameters["connect.decimal.precision"]), ""
	if precision == 0 {
		precision, doubt = tables.MaxPrecision, "the schema does not tell how many digits it has"
	}
	if scale > tables.MaxPrecision || precision > tables.MaxPrecision || scale > precision {
		return tables.Type{Kind: tables.String}, "a decimal with more than 38 digits: kept as text", true
	}
	return tables.Type{Kind: tables.DecimalKind, Precision: uint8(precision), Scale: uint8(scale)}, doubt, true
}

// number reads a small number; anything else is 0.
func number(s string) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 1000 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

var connectTypes = map[string]tables.Kind{
	"int8": tables.Int64, "int16": tables.Int64, "int32": tables.Int64, "int64": tables.Int64,
	"float": tables.Float64, "double": tables.Float64, "boolean": tables.Bool, "string": tables.String,
	"bytes": tables.Bytes, "array": tables.JSON, "map": tables.JSON, "struct": tables.JSON,
}

var logicalTypes = map[string]tables.Kind{
	"io.debezium.time.Date": tables.Date, "io.debezium.time.IsoDate": tables.Date, "org.apache.kafka.connect.data.Date": tables.Date,
	"io.debezium.time.Time": tables.Time, "io.debezium.time.MicroTime": tables.Time, "io.debezium.time.NanoTime": tables.Time,
	"io.debezium.time.ZonedTime": tables.Time, "io.debezium.time.IsoTime": tables.Time, "org.apache.kafka.connect.data.Time": tables.Time,
	"io.debezium.time.Timestamp": tables.Timestamp, "io.debezium.time.MicroTimestamp": tables.Timestamp,
	"io.debezium.time.NanoTimestamp": tables.Timestamp, "io.debezium.time.ZonedTimestamp": tables.Timestamp,
	"io.debezium.time.IsoTimestamp": tables.Timestamp, "org.apache.kafka.connect.data.Timestamp": tables.Timestamp,
	"io.debezium.time.MicroDuration": tables.Int64, "io.debezium.time.NanoDuration": tables.Int64,
	"io.debezium.data.Json": tables.JSON, "io.debezium.data.Uuid": tables.UUID, "io.debezium.data.Bits": tables.Bytes,
	"io.debezium.data.Enum": tables.String, "io.debezium.data.EnumSet": tables.String, "io.debezium.data.Xml": tables.String,
}
