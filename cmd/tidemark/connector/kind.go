package connector

import (
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/tables"
)

// Kind is what columns have in common that connectors write in the same way.
type Kind uint8

// The kinds of columns.
const (
	Unknown  Kind = iota
	Text          // written as it is
	Whole         // at most 64 bits with a sign
	Unsigned      // 64 bits without one
	Truth         // true or false
	Flag          // a small number that often is a truth
	Float
	Decimal     // with a declared scale
	AnyDecimal  // without
	Binary      // bytes
	Date        // a day
	Clock       // a time of day
	Duration    // a time that may be negative and above a day
	Instant     // a date with a time and without a zone
	ZonedClock  // a time of day with an offset
	ZonedMoment // a date with a time and a zone
	Interval    // years, months, days and seconds
	Identifier  // a UUID
	Document    // JSON
	TextOfJSON  // JSON that the database keeps as text
	Pairs       // an hstore
	Bits
	Geometry
	Array
	Left // not in events, by default
)

// KindOf returns a column's kind.
func KindOf(system catalogue.System, c catalogue.Column) Kind {
	if system == catalogue.MySQL {
		return mysqlKind(c)
	}
	return postgresKind(c)
}

var postgresKinds = map[string]Kind{
	"int2": Whole, "int4": Whole, "int8": Whole, "oid": Whole, "bool": Truth, "float4": Float, "float8": Float, "money": Decimal,
	"bytea": Binary, "date": Date, "time": Clock, "timetz": ZonedClock, "timestamp": Instant, "timestamptz": ZonedMoment, "interval": Interval,
	"uuid": Identifier, "json": Document, "jsonb": Document, "hstore": Pairs, "varbit": Bits, "array": Array, "vector": Array, "halfvec": Array,
	"point": Geometry, "box": Geometry, "line": Geometry, "lseg": Geometry, "path": Geometry, "polygon": Geometry, "circle": Geometry,
	"geometry": Geometry, "geography": Geometry, "sparsevec": Geometry,
	"text": Text, "varchar": Text, "bpchar": Text, "char": Text, "name": Text, "citext": Text, "xml": Text, "inet": Text, "cidr": Text, "macaddr": Text,
	"macaddr8": Text, "ltree": Text, "tsvector": Text, "int4range": Text, "int8range": Text, "numrange": Text, "tsrange": Text, "tstzrange": Text, "daterange": Text,
	"isbn": Text, "tsquery": Left,
}

func postgresKind(c catalogue.Column) Kind {
	switch {
	case c.Enum:
		return Text
	case c.Composite:
		return Left
	case c.Type == "numeric" && c.Precision == 0:
		return AnyDecimal
	case c.Type == "numeric":
		return Decimal
	case c.Type == "bit" && c.Length == 1:
		return Truth
	case c.Type == "bit":
		return Bits
	}
	return postgresKinds[c.Type]
}

var mysqlKinds = map[string]Kind{
	"tinyint": Whole, "smallint": Whole, "mediumint": Whole, "int": Whole, "integer": Whole, "year": Whole, "float": Float, "double": Float, "decimal": Decimal,
	"date": Date, "time": Duration, "datetime": Instant, "timestamp": ZonedMoment,
	"char": Text, "varchar": Text, "tinytext": Text, "text": Text, "mediumtext": Text, "longtext": Text, "enum": Text, "set": Text, "uuid": Identifier,
	"inet4": Text, "inet6": Text, "json": Document,
	"binary": Binary, "varbinary": Binary, "tinyblob": Binary, "blob": Binary, "mediumblob": Binary, "longblob": Binary,
	"geometry": Geometry, "point": Geometry, "linestring": Geometry, "polygon": Geometry, "multipoint": Geometry, "multilinestring": Geometry,
	"multipolygon": Geometry, "geometrycollection": Geometry, "geomcollection": Geometry,
}

func mysqlKind(c catalogue.Column) Kind {
	switch {
	case c.JSON:
		return TextOfJSON
	case c.Type == "bigint" && c.Unsigned:
		return Unsigned
	case c.Type == "bigint":
		return Whole
	case c.Type == "bit" && c.Length == 1:
		return Truth
	case c.Type == "bit":
		return Bits
	case c.Type == "tinyint" && strings.HasPrefix(strings.ToLower(c.Declared), "tinyint(1)") && !c.Unsigned:
		return Flag
	}
	return mysqlKinds[c.Type]
}

var plainTypes = map[Kind]tables.Kind{
	Text: tables.String, Whole: tables.Int64, Flag: tables.Int64, Truth: tables.Bool, Float: tables.Float64, AnyDecimal: tables.String, Binary: tables.Bytes,
	Date: tables.Date, Clock: tables.Time, Duration: tables.String, Instant: tables.Timestamp, ZonedClock: tables.Time, ZonedMoment: tables.Timestamp,
	Interval: tables.Int64, Identifier: tables.UUID, Document: tables.JSON, TextOfJSON: tables.JSON, Pairs: tables.JSON, Geometry: tables.JSON, Array: tables.JSON,
}

// typeOf returns the type that a column of a kind has here, whatever the settings.
func typeOf(k Kind, c catalogue.Column) (tables.Type, bool) {
	switch k {
	case Unsigned:
		return tables.Type{Kind: tables.DecimalKind, Precision: 20}, true
	case Decimal:
		return decimalType(c)
	case Bits:
		return bitsType(c.Length), true
	}
	t, known := plainTypes[k]
	return tables.Type{Kind: t}, known
}

// decimalType takes as many digits as there are here, where the database has more.
func decimalType(c catalogue.Column) (tables.Type, bool) {
	if c.Scale < 0 || c.Scale > tables.MaxPrecision {
		return tables.Type{}, false
	}
	return tables.Type{Kind: tables.DecimalKind, Precision: uint8(min(max(c.Precision, c.Scale), tables.MaxPrecision)), Scale: uint8(c.Scale)}, true
}

// bitsType is a number as far as numbers have so many bits.
func bitsType(n int) tables.Type {
	const inInt64, inDecimal = 63, 126
	switch {
	case n > 0 && n <= inInt64:
		return tables.Type{Kind: tables.Int64}
	case n > 0 && n <= inDecimal:
		return tables.Type{Kind: tables.DecimalKind, Precision: tables.MaxPrecision}
	}
	return tables.Type{Kind: tables.Bytes}
}
