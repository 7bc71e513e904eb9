package proposal

import (
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// fromTold takes the type that the record has beside the value: MongoDB's extended
// JSON by a member's name, Canal by MySQL's name of the type.
func (c *column) fromTold() (tables.Column, string) {
	out := tables.Column{Name: c.name}
	if tagged, ok := taggedKinds[c.told]; ok {
		out.Type.Kind = tagged
		if c.told == "$numberDecimal" {
			out.Type = tables.Type{Kind: tables.DecimalKind, Precision: tables.MaxPrecision, Scale: 9}
			return out, "a decimal without a declared scale: 9 digits after the point were taken"
		}
		return out, ""
	}
	return c.fromMySQL(out)
}

// taggedKinds are the types of extended JSON, which rows in a text need no encoding for.
var taggedKinds = map[string]tables.Kind{
	"$oid": tables.String, "$numberLong": tables.Int64, "$numberInt": tables.Int64, "$numberDouble": tables.Float64, "$numberDecimal": tables.DecimalKind,
	"$date": tables.Timestamp, "$timestamp": tables.Timestamp, "$binary": tables.Bytes, "$uuid": tables.UUID,
}

// tagOf returns the name of the first member of an object that is extended JSON, or nothing.
func tagOf(raw []byte) string {
	ms, ok := members(raw)
	if !ok || len(ms) == 0 {
		return ""
	}
	if _, known := taggedKinds[ms[0].name]; known {
		return ms[0].name
	}
	return ""
}

// fromMySQL takes a type such as decimal(10,2) or bigint(20) unsigned.
func (c *column) fromMySQL(out tables.Column) (tables.Column, string) {
	name := strings.ToLower(c.told)
	base := name
	if i := strings.IndexAny(base, "( "); i >= 0 {
		base = base[:i]
	}
	switch base {
	case "decimal", "numeric":
		if open, end := strings.IndexByte(name, '('), strings.IndexByte(name, ')'); open > 0 && end > open {
			if t, err := tables.ParseType("decimal" + name[open:end+1]); err == nil {
				out.Type, out.Encoding = t, tables.EncodingDecimalString
				return out, ""
			}
		}
		out.Type.Kind = tables.String
		return out, "a decimal whose digits are not known: kept as text"
	case "bigint":
		if strings.Contains(name, "unsigned") {
			out.Type, out.Encoding = tables.Type{Kind: tables.DecimalKind, Precision: 20}, tables.EncodingDecimalString
			return out, ""
		}
	case "float", "double":
		out.Type.Kind, out.Encoding = tables.Float64, tables.EncodingDecimalString
		return out, ""
	}
	kind, known := mysqlKinds[base]
	if !known {
		kind = tables.String
	}
	out.Type.Kind = kind
	if !known {
		return out, "MySQL calls it " + c.told
	}
	return out, ""
}

var mysqlKinds = map[string]tables.Kind{
	"tinyint": tables.Int64, "smallint": tables.Int64, "mediumint": tables.Int64, "int": tables.Int64, "integer": tables.Int64, "bigint": tables.Int64,
	"year": tables.Int64, "date": tables.Date, "time": tables.Time, "datetime": tables.Timestamp, "timestamp": tables.Timestamp,
	"char": tables.String, "varchar": tables.String, "text": tables.String, "tinytext": tables.String, "mediumtext": tables.String, "longtext": tables.String,
	"enum": tables.String, "set": tables.String, "json": tables.JSON,
	"blob": tables.Bytes, "tinyblob": tables.Bytes, "mediumblob": tables.Bytes, "longblob": tables.Bytes, "binary": tables.Bytes, "varbinary": tables.Bytes,
}
