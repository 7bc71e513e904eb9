package verify

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tidemark/tidemark/tables"
)

// postgres is PostgreSQL, by pgx.
type postgres struct{}

func openPostgres(address string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"timezone": "UTC", "datestyle": "ISO, YMD", "intervalstyle": "iso_8601", "extra_float_digits": "3",
		"default_transaction_read_only": "on", "application_name": "tidemark verify",
	} {
		c.RuntimeParams[name] = value
	}
	return stdlib.OpenDB(*c), nil
}

func (postgres) quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (postgres) parameter(n int) string { return "$" + strconv.Itoa(n) }

// describe looks through domains to the type below.
func (p postgres) describe(ctx context.Context, db *sql.DB, table []string) (map[string]sourceType, error) {
	quoted := make([]string, len(table))
	for i, n := range table {
		quoted[i] = p.quote(n)
	}
	rows, err := db.QueryContext(ctx, `
		WITH RECURSIVE base(attname, oid, mod) AS (
			SELECT a.attname::text, a.atttypid, a.atttypmod FROM pg_attribute a
			WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
			UNION ALL
			SELECT b.attname, t.typbasetype, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.mod END
			FROM base b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype = 'd'
		)
		SELECT b.attname, CASE WHEN t.typtype = 'e' THEN 'text' ELSE t.typname::text END, b.mod, t.typcategory = 'A'
		FROM base b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype <> 'd'`, strings.Join(quoted, "."))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]sourceType{}
	for rows.Next() {
		var name string
		var s sourceType
		if err := rows.Scan(&name, &s.name, &s.length, &s.array); err != nil {
			return nil, err
		}
		if s.name == "bpchar" {
			s.length -= 4 // PostgreSQL's length word
		}
		out[name] = s
	}
	return out, rows.Err()
}

// expression follows what Debezium makes of each type. A form that it could not be
// told from is compared with nothing rather than wrongly.
func (postgres) expression(c string, s sourceType, col tables.Column) (string, string) {
	text := c + "::text"
	switch col.Type.Kind {
	case tables.Bool:
		if s.name == "bit" {
			return fmt.Sprintf("(%s = B'1')::text", c), ""
		}
		return text, ""
	case tables.Int64, tables.DecimalKind, tables.Float64:
		return postgresNumber(c, s)
	case tables.String:
		return postgresText(c, s, col.Encoding)
	case tables.JSON:
		switch {
		case s.name == "json" || s.name == "jsonb":
			return text, ""
		case s.name == "hstore":
			return fmt.Sprintf("hstore_to_json(%s)::text", c), ""
		case plainArray(s):
			return fmt.Sprintf("array_to_json(%s)::text", c), ""
		}
	case tables.Bytes:
		if s.name == "bytea" {
			return fmt.Sprintf(`replace(encode(%s, 'base64'), E'\n', '')`, c), ""
		}
	case tables.UUID:
		return text, ""
	case tables.Date:
		if s.name == "date" {
			return text, ""
		}
	case tables.Time:
		switch s.name {
		case "time":
			return text, ""
		case "timetz":
			return fmt.Sprintf("(%s AT TIME ZONE 'UTC')::time::text", c), ""
		}
	case tables.Timestamp:
		switch s.name {
		case "timestamp", "timestamptz", "date":
			return text, "" // with the session's zone, UTC
		}
	}
	return "", fmt.Sprintf("a column of type %s is not compared with a declared %s", s.name, col.Type)
}

func postgresNumber(c string, s sourceType) (string, string) {
	switch s.name {
	case "int2", "int4", "int8", "oid", "float4", "float8", "numeric":
		return c + "::text", ""
	case "money":
		return c + "::numeric::text", ""
	case "bool":
		return c + "::int::text", ""
	case "bit", "varbit":
		if s.length <= 63 && s.length > 0 {
			return fmt.Sprintf("lpad(%s::text, 64, '0')::bit(64)::bigint::text", c), ""
		}
	case "interval":
		// Debezium's MicroDuration: a month is 365.25/12 days.
		return fmt.Sprintf("((extract(year FROM %[1]s) * 12 + extract(month FROM %[1]s)) * 2629800000000 + extract(day FROM %[1]s) * 86400000000"+
			" + extract(hour FROM %[1]s) * 3600000000 + extract(minute FROM %[1]s) * 60000000 + extract(microseconds FROM %[1]s))::bigint::text", c), ""
	}
	return "", "a column of type " + s.name + " is not compared with a declared number"
}

func postgresText(c string, s sourceType, e tables.Encoding) (string, string) {
	switch s.name {
	case "bpchar":
		return fmt.Sprintf("rpad(%s::text, %d)", c, max(s.length, 1)), ""
	case "text", "varchar", "name", "citext", "uuid", "json", "jsonb", "xml", "inet", "cidr", "macaddr", "macaddr8", "ltree", "tsvector",
		"int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "int2", "int4", "int8", "oid", "bool", "char":
		return c + "::text", ""
	case "numeric":
		if e == tables.EncodingDecimalString || e == tables.EncodingDecimalBase64 {
			return c + "::text", ""
		}
	}
	return "", "the texts that connectors write for " + s.name + " depend on their settings"
}

// plainArray reports whether an array's JSON is the same in the database and in Debezium's events.
func plainArray(s sourceType) bool {
	switch s.name {
	case "_int2", "_int4", "_int8", "_text", "_varchar", "_bool", "_uuid":
		return s.array
	}
	return false
}

func (postgres) position(ctx context.Context, db *sql.DB) (string, error) {
	var lsn string
	err := db.QueryRowContext(ctx, `SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text`).Scan(&lsn)
	return "lsn=" + lsn, err
}

func (p postgres) estimate(ctx context.Context, db *sql.DB, table []string) (n int64, err error) {
	quoted := make([]string, len(table))
	for i, name := range table {
		quoted[i] = p.quote(name)
	}
	err = db.QueryRowContext(ctx, `SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass($1)`, strings.Join(quoted, ".")).Scan(&n)
	return n, err
}

// argument is a text, which PostgreSQL reads as the column's type.
func (postgres) argument(t tables.Type, v tables.Value) any {
	if t.Kind == tables.Bytes {
		return []byte(v.Str())
	}
	if t.Kind == tables.Int64 {
		return v.Int()
	}
	return string(tables.AppendText(nil, t, v))
}
