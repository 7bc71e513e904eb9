package convert

import (
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// ColumnType returns the type of a column for values with this schema. doubt says what the
// schema leaves open; ok is false where it names no type that is known.
func (s *Schema) ColumnType() (t tables.Type, doubt string, ok bool) {
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
	case s.unsigned():
		return tables.Type{Kind: tables.DecimalKind, Precision: 20}, "", true
	case s.Type == "bytes" && s.Name == "io.debezium.data.Bits":
		return s.bits()
	}
	k, known := connectTypes[s.Type]
	return tables.Type{Kind: k}, "", known
}

// unsigned reports whether the schema says that a number is MySQL's BIGINT UNSIGNED,
// which bigint.unsigned.handling.mode=long writes as a signed one. It does where
// column.propagate.source.type asks for it.
func (s *Schema) unsigned() bool {
	return s.Type == "int64" && strings.HasPrefix(strings.ToUpper(s.Parameters["__debezium.source.column.type"]), "BIGINT UNSIGNED")
}

// bits returns the type of a number of so many bits.
func (s *Schema) bits() (tables.Type, string, bool) {
	const inInt64, inDecimal = 63, 126
	n, _ := strconv.Atoi(s.Parameters["length"])
	switch {
	case n > 0 && n <= inInt64:
		return tables.Type{Kind: tables.Int64}, "", true
	case n > 0 && n <= inDecimal:
		return tables.Type{Kind: tables.DecimalKind, Precision: tables.MaxPrecision}, "", true
	}
	return tables.Type{Kind: tables.Bytes}, "bits of any length, the first in the lowest bit of the first byte", true
}

// ColumnEncoding returns what the schema does not say about its values: that they are unsigned.
// All else it says by itself, and continues saying when the source's types change.
func (s *Schema) ColumnEncoding() tables.Encoding {
	if s.unsigned() {
		return tables.EncodingUint64Wrapped
	}
	return tables.EncodingNone
}

func (s *Schema) decimal() (tables.Type, string, bool) {
	scale, precision, doubt := smallNumber(s.Parameters["scale"]), smallNumber(s.Parameters["connect.decimal.precision"]), ""
	if precision == 0 {
		precision, doubt = tables.MaxPrecision, "the schema does not say how many digits it has"
	}
	if scale > tables.MaxPrecision || precision > tables.MaxPrecision || scale > precision {
		return tables.Type{Kind: tables.String}, "a decimal with more than 38 digits: kept as text", true
	}
	return tables.Type{Kind: tables.DecimalKind, Precision: uint8(precision), Scale: uint8(scale)}, doubt, true
}

// smallNumber reads a small number; anything else is 0.
func smallNumber(s string) int {
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
	"io.debezium.time.MicroDuration": tables.Int64, "io.debezium.time.NanoDuration": tables.Int64, "io.debezium.time.Interval": tables.String,
	"io.debezium.time.StructuredDate": tables.Date, "io.debezium.time.StructuredTime": tables.Time, "io.debezium.time.StructuredZonedTime": tables.Time,
	"io.debezium.time.StructuredTimestamp": tables.Timestamp, "io.debezium.time.StructuredZonedTimestamp": tables.Timestamp,
	"io.debezium.time.StructuredDuration": tables.String, "io.debezium.time.Year": tables.Int64,
	"io.debezium.data.Json": tables.JSON, "io.debezium.data.Uuid": tables.UUID,
	"io.debezium.data.Enum": tables.String, "io.debezium.data.EnumSet": tables.String, "io.debezium.data.Xml": tables.String,
}
