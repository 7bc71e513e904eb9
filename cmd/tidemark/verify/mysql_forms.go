package verify

import (
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

func (m mysqlDialect) form(c string, s sourceType, col tables.Column) form {
	text := "CAST(" + c + " AS CHAR CHARACTER SET utf8mb4)"
	switch s.name {
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set":
		return m.text(text, s, col)
	case "tinyint", "smallint", "mediumint", "int", "bigint":
		if f, is := counted(text, col.Encoding); is && clocks(col.Type.Kind) {
			return f
		}
	}
	switch col.Type.Kind {
	case tables.Bool, tables.Int64, tables.DecimalKind, tables.Float64:
		return m.number(c, text, s, col)
	case tables.String:
		return m.string(c, text, s)
	case tables.JSON:
		return m.json(c, text, s, col)
	case tables.Bytes:
		switch {
		case binaryColumn(s.name):
			return as(base64OfMySQL(c))
		case s.name == "bit":
			return bitsForm(fmt.Sprintf("LPAD(BIN(%s + 0), %d, '0')", c, max(s.length, 1)))
		}
	case tables.UUID:
		if s.name == "uuid" {
			return as(text)
		}
	case tables.Date:
		if s.name == "date" {
			return dated(text)
		}
	case tables.Time:
		if s.name == "time" {
			return as(text)
		}
	case tables.Timestamp:
		if s.name == "datetime" || s.name == "timestamp" || s.name == "date" {
			return dated(text)
		}
	}
	return uncompared(s.name, col.Type)
}

func binaryColumn(name string) bool {
	switch name {
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		return true
	}
	return false
}

func base64OfMySQL(c string) string { return "REPLACE(TO_BASE64(" + c + "), '\\n', '')" }

// dated is the form of a date: what is none, 0000-00-00, arrives as null.
func dated(text string) form {
	return form{sql: text, read: func(t tables.Type, text string) (tables.Value, error) {
		if strings.HasPrefix(text, "0000-00-00") {
			return tables.Value{}, nil
		}
		return tables.ParseText(t, text)
	}}
}

// text is the form of a column of characters, which holds whatever the declared type
// reads from it.
func (mysqlDialect) text(text string, s sourceType, col tables.Column) form {
	switch col.Type.Kind {
	case tables.JSON:
		if col.Encoding == tables.EncodingJSONString || s.name == "longtext" { // MariaDB's json is a longtext
			return as(text)
		}
		return as("JSON_QUOTE(" + text + ")")
	case tables.Bytes:
		return uncompared(s.name, col.Type)
	}
	return as(text)
}

func (mysqlDialect) number(c, text string, s sourceType, col tables.Column) form {
	switch s.name {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "year":
		return as(text)
	case "float":
		return as("CAST(" + c + " + 0e0 AS CHAR)") // as text it would have six digits
	case "bit":
		return as("CAST(" + c + " + 0 AS CHAR)")
	case "time":
		if col.Type.Kind == tables.Int64 {
			return alike(text, sameDuration)
		}
	}
	return uncompared(s.name, col.Type)
}

func (m mysqlDialect) string(c, text string, s sourceType) form {
	switch s.name {
	case "uuid", "inet6", "inet4", "tinyint", "smallint", "mediumint", "int", "bigint", "year":
		return as(text)
	case "json":
		return alike(text, sameJSON)
	case "decimal":
		return alike(text, sameNumber)
	case "float":
		return alike("CAST("+c+" + 0e0 AS CHAR)", sameSingle)
	case "double":
		return alike(text, sameFloat)
	case "bit":
		return alike("BIN("+c+" + 0)", sameBits)
	case "date":
		return alike(text, sameClock(tables.Date))
	case "datetime", "timestamp":
		return alike(text, sameClock(tables.Timestamp))
	case "time":
		return alike(text, sameDuration)
	case "point":
		return m.json(c, text, s, tables.Column{})
	}
	if binaryColumn(s.name) {
		return alike(base64OfMySQL(c), sameBytes)
	}
	return never("the texts that connectors write for %s depend on their settings", s.name)
}

func (mysqlDialect) json(c, text string, s sourceType, col tables.Column) form {
	switch s.name {
	case "json", "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "year":
		return as(text)
	case "point":
		return alike(fmt.Sprintf("CONCAT('{\"x\":', ST_X(%[1]s), ',\"y\":', ST_Y(%[1]s), '}')", c), samePoint)
	case "geometry", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection":
		return alike(fmt.Sprintf("REPLACE(TO_BASE64(ST_AsWKB(%s)), '\\n', '')", c), sameGeometry)
	}
	return uncompared(s.name, col.Type)
}

// member is the form of something inside of a column: of a document or a point.
func (mysqlDialect) member(c string, s sourceType, path string, col tables.Column) form {
	switch {
	case s.name == "point" && path == "x":
		return as("CAST(ST_X(" + c + ") AS CHAR)")
	case s.name == "point" && path == "y":
		return as("CAST(ST_Y(" + c + ") AS CHAR)")
	case s.name != "json" && s.name != "longtext":
		return never("%s of a column of type %s is not compared", path, s.name)
	}
	steps := "$"
	for part := range strings.SplitSeq(path, ".") {
		steps += `."` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(part) + `"`
	}
	found := fmt.Sprintf("JSON_EXTRACT(%s, '%s')", c, strings.NewReplacer(`\`, `\\`, "'", "''").Replace(steps))
	if col.Type.Kind == tables.JSON {
		return as(fmt.Sprintf("CASE WHEN JSON_TYPE(%[1]s) <> 'NULL' THEN CAST(%[1]s AS CHAR) END", found))
	}
	return inDocument(fmt.Sprintf("CASE WHEN JSON_TYPE(%[1]s) <> 'NULL' THEN JSON_UNQUOTE(%[1]s) END", found), col)
}
