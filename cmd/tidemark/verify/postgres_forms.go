package verify

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// describe looks through domains to the type below.
func (p postgres) describe(ctx context.Context, db *sql.DB, table []string) (map[string]sourceType, error) {
	rows, err := db.QueryContext(ctx, `
		WITH RECURSIVE base(attname, oid, mod) AS (
			SELECT a.attname::text, a.atttypid, a.atttypmod FROM pg_attribute a
			WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
			UNION ALL
			SELECT b.attname, t.typbasetype, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.mod END
			FROM base b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype = 'd'
		)
		SELECT b.attname, CASE WHEN t.typtype = 'e' THEN 'text' ELSE t.typname::text END, b.mod, t.typcategory = 'A', coalesce(i.typname::text, ''), coalesce(i.typtype::text, '')
		FROM base b JOIN pg_type t ON t.oid = b.oid LEFT JOIN pg_type i ON i.oid = t.typelem AND t.typcategory = 'A' WHERE t.typtype <> 'd'`, p.qualified(table))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]sourceType{}
	for rows.Next() {
		var name string
		var s sourceType
		var itemKind string
		if err := rows.Scan(&name, &s.name, &s.length, &s.array, &s.item, &itemKind); err != nil {
			return nil, err
		}
		if itemKind == "e" {
			s.item = "text"
		}
		if s.name == "bpchar" {
			s.length -= 4 // PostgreSQL's length word
		}
		out[name] = s
	}
	return out, rows.Err()
}

// form follows what Debezium makes of each type. A form that it could not be distinguished from is
// compared with nothing rather than wrongly.
func (p postgres) form(c string, s sourceType, col tables.Column) form {
	text := as(c + "::text")
	switch s.name {
	case "text", "varchar", "bpchar", "name", "citext":
		return p.text(c, s, col)
	case "int2", "int4", "int8", "oid":
		if f, is := counted(text.sql, col.Encoding); is && clocks(col.Type.Kind) {
			return f
		}
	}
	switch col.Type.Kind {
	case tables.Bool:
		return p.bool(c, s, col)
	case tables.Int64, tables.DecimalKind, tables.Float64:
		return p.number(c, s, col)
	case tables.String:
		return p.string(c, s, col)
	case tables.JSON:
		return p.json(c, s, col)
	case tables.Bytes:
		switch s.name {
		case "bytea":
			return as(base64Of(c))
		case "bit", "varbit":
			return bitsForm(text.sql)
		}
	case tables.UUID:
		if s.name == "uuid" {
			return text
		}
	case tables.Date, tables.Time, tables.Timestamp:
		return p.clock(c, s, col)
	}
	return uncompared(s.name, col.Type)
}

// clock compares dates and times, which PostgreSQL writes as they are.
func (p postgres) clock(c string, s sourceType, col tables.Column) form {
	text := as(c + "::text")
	switch kind := col.Type.Kind; s.name {
	case "date":
		if kind == tables.Date || kind == tables.Timestamp {
			return text
		}
	case "time":
		if kind == tables.Time {
			return text
		}
	case "timetz":
		if kind == tables.Time {
			return as(fmt.Sprintf("(%s AT TIME ZONE 'UTC')::time::text", c))
		}
	case "timestamp", "timestamptz":
		if kind == tables.Timestamp {
			return text // with the session's zone, UTC
		}
	}
	return uncompared(s.name, col.Type)
}

func clocks(k tables.Kind) bool { return k == tables.Date || k == tables.Time || k == tables.Timestamp }

func base64Of(c string) string { return fmt.Sprintf(`replace(encode(%s, 'base64'), E'\n', '')`, c) }

// text is the form of a column of characters, which holds whatever the declared type
// reads from it. A text that it cannot read is reported.
func (postgres) text(c string, s sourceType, col tables.Column) form {
	sql := c + "::text"
	switch {
	case s.name == "bpchar":
		sql = fmt.Sprintf("rpad(%s::text, %d)", c, max(s.length, 1))
	case col.Type.Kind == tables.JSON && col.Encoding != tables.EncodingJSONString:
		return as("to_json(" + sql + ")::text")
	case col.Type.Kind == tables.Bytes:
		return uncompared(s.name, col.Type)
	}
	return as(sql)
}

func (postgres) bool(c string, s sourceType, col tables.Column) form {
	switch s.name {
	case "bool", "int2", "int4", "int8":
		return as(c + "::text")
	case "bit":
		return as(fmt.Sprintf("(%s = B'1')::text", c))
	}
	return uncompared(s.name, col.Type)
}

func (postgres) number(c string, s sourceType, col tables.Column) form {
	switch s.name {
	case "int2", "int4", "int8", "oid", "float4", "float8", "numeric":
		return as(c + "::text")
	case "money":
		return as(c + "::numeric::text")
	case "bool":
		return as(c + "::int::text")
	case "bit", "varbit":
		return bitsForm(c + "::text")
	case "interval":
		// Debezium's MicroDuration: a month is 365.25/12 days.
		return form{read: clamped, sql: fmt.Sprintf("trunc((extract(year FROM %[1]s) * 12 + extract(month FROM %[1]s)) * 2629800000000 + extract(day FROM %[1]s) * 86400000000"+
			" + extract(hour FROM %[1]s) * 3600000000 + extract(minute FROM %[1]s) * 60000000 + extract(microseconds FROM %[1]s))::text", c)}
	}
	return uncompared(s.name, col.Type)
}

func (p postgres) string(c string, s sourceType, col tables.Column) form {
	switch s.name {
	case "inet":
		return as("abbrev(" + c + ")") // its cast to text adds /32 to a host, its output does not
	case "uuid", "json", "jsonb", "xml", "cidr", "macaddr", "macaddr8", "ltree", "tsvector",
		"int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "int2", "int4", "int8", "oid", "bool", "char":
		return as(c + "::text")
	case "numeric":
		return alike(c+"::text", sameNumber)
	case "money":
		return alike(c+"::numeric::text", sameNumber)
	case "float4":
		return alike(c+"::text", sameSingle)
	case "float8":
		return alike(c+"::text", sameFloat)
	case "bit", "varbit":
		return alike(c+"::text", sameBits)
	case "bytea":
		return alike(base64Of(c), sameBytes)
	case "timetz":
		return alike(c+"::text", sameZoned)
	case "interval":
		return alike(c+"::text", sameInterval)
	case "date":
		return alike(c+"::text", sameClock(tables.Date))
	case "time":
		return alike(c+"::text", sameClock(tables.Time))
	case "timestamp", "timestamptz":
		return alike(c+"::text", sameClock(tables.Timestamp))
	}
	if f := p.json(c, s, col); f.sql != "" {
		if f.same == nil {
			f = alike(f.sql, sameJSON)
		}
		return f
	}
	return never("the texts that connectors write for %s depend on their settings", s.name)
}

func (postgres) json(c string, s sourceType, col tables.Column) form {
	switch {
	case s.name == "json" || s.name == "jsonb":
		return as(c + "::text")
	case s.name == "hstore":
		return as(fmt.Sprintf("hstore_to_json(%s)::text", c))
	case s.array && s.item != "" && !composite(s.item):
		return alike(fmt.Sprintf("array_to_json(%s)::text", c), sameItems(s.item))
	case s.name == "point":
		return alike(fmt.Sprintf("CASE WHEN %[1]s IS NOT NULL THEN json_build_object('x', %[1]s[0], 'y', %[1]s[1])::text END", c), samePoint)
	case s.name == "box" || s.name == "lseg" || s.name == "path" || s.name == "polygon" || s.name == "circle" || s.name == "line":
		return alike(c+"::text", sameShape(s.name))
	case s.name == "vector" || s.name == "halfvec":
		return alike(c+"::text", sameItems("float4"))
	case s.name == "int2" || s.name == "int4" || s.name == "int8" || s.name == "oid" || s.name == "bool" || s.name == "uuid":
		return as("to_json(" + c + ")::text")
	case s.name == "numeric":
		return as("to_json(" + c + ")::text")
	}
	return uncompared(s.name, col.Type)
}

// composite reports whether items have no text that connectors write.
func composite(item string) bool {
	switch item {
	case "point", "box", "line", "lseg", "path", "polygon", "circle", "record", "tsquery", "hstore":
		return true
	}
	return false
}

// member is the form of something inside of a column: of a document, an hstore or a point.
func (p postgres) member(c string, s sourceType, path string, col tables.Column) form {
	parts := strings.Split(path, ".")
	for i, part := range parts {
		parts[i] = "'" + strings.ReplaceAll(part, "'", "''") + "'"
	}
	steps := "ARRAY[" + strings.Join(parts, ", ") + "]"
	switch {
	case s.name == "json" || s.name == "jsonb":
		if col.Type.Kind == tables.JSON {
			return as(fmt.Sprintf("nullif((%s #> %s)::text, 'null')", c, steps))
		}
		return inDocument(fmt.Sprintf("(%s #>> %s)", c, steps), col)
	case s.name == "hstore" && len(parts) == 1:
		return as(fmt.Sprintf("(%s -> %s)", c, parts[0]))
	case s.name == "point" && path == "x":
		return as(fmt.Sprintf("(%s)[0]::text", c))
	case s.name == "point" && path == "y":
		return as(fmt.Sprintf("(%s)[1]::text", c))
	}
	return never("%s of a column of type %s is not compared", path, s.name)
}

// inDocument is the form of a text that was in a document.
func inDocument(sql string, col tables.Column) form {
	if f, is := counted(sql, col.Encoding); is {
		return f
	}
	switch col.Encoding {
	case tables.EncodingNone, tables.EncodingDecimalString, tables.EncodingISOTimestamp, tables.EncodingBytesBase64, tables.EncodingJSONString:
		return as(sql)
	}
	return never("a member of a document with the encoding %s is not compared", col.Encoding)
}
