package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// mysqlDialect is MySQL and MariaDB, by go-sql-driver.
type mysqlDialect struct{}

func (mysqlDialect) quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func (mysqlDialect) parameter(int) string { return "?" }

func (mysqlDialect) describe(ctx context.Context, db *sql.DB, table []string) (map[string]sourceType, error) {
	schema, name := "DATABASE()", table[len(table)-1]
	args := []any{name}
	if len(table) == 2 {
		schema, args = "?", []any{table[0], name}
	}
	rows, err := db.QueryContext(ctx, `SELECT column_name, data_type, column_type, coalesce(character_maximum_length, 0), coalesce(numeric_precision, 0)
		FROM information_schema.columns WHERE table_schema = `+schema+` AND table_name = ?`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]sourceType{}
	for rows.Next() {
		var column, full string
		var s sourceType
		var length, precision int64
		if err := rows.Scan(&column, &s.name, &full, &length, &precision); err != nil {
			return nil, err
		}
		s.name = strings.ToLower(s.name)
		s.unsigned = strings.Contains(strings.ToLower(full), "unsigned")
		s.length = int(length)
		if s.name == "bit" {
			s.length = int(precision)
		}
		out[column] = s
	}
	return out, rows.Err()
}

// uniques leaves out indexes over the beginnings of columns, over expressions, and over
// columns that may be null.
func (mysqlDialect) uniques(ctx context.Context, db *sql.DB, table []string) ([]unique, error) {
	schema, args := "DATABASE()", []any{table[len(table)-1]}
	if len(table) == 2 {
		schema, args = "?", []any{table[0], table[1]}
	}
	rows, err := db.QueryContext(ctx, `SELECT s.index_name, s.column_name, s.index_name = 'PRIMARY' FROM information_schema.statistics s
		JOIN (SELECT index_name FROM information_schema.statistics WHERE table_schema = `+schema+` AND table_name = ? AND non_unique = 0
			GROUP BY index_name HAVING sum(sub_part IS NOT NULL OR nullable = 'YES' OR column_name IS NULL) = 0) whole ON whole.index_name = s.index_name
		WHERE s.table_schema = `+schema+` AND s.table_name = ? ORDER BY s.index_name = 'PRIMARY' DESC, s.index_name, s.seq_in_index`, append(args, args...)...)
	if err != nil {
		return nil, err
	}
	return uniquesOf(rows)
}

// position asks with the statement of MySQL 8.4 and later, and then with that of
// earlier ones and MariaDB.
func (mysqlDialect) position(ctx context.Context, db *sql.DB) (string, error) {
	file, at, err := binlog(ctx, db, "SHOW BINARY LOG STATUS")
	if err != nil {
		var again error
		if file, at, again = binlog(ctx, db, "SHOW MASTER STATUS"); again != nil {
			return "", errors.Join(again, err)
		}
	}
	if file == "" {
		return "", errors.New("the server writes no binary log")
	}
	return fmt.Sprintf("file=%s,pos=%s", file, at), nil
}

// binlog reads the first two columns; how many there are differs.
func binlog(ctx context.Context, db *sql.DB, statement string) (file, at string, err error) {
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil || len(names) < 2 {
		return "", "", errors.Join(err, fmt.Errorf("%s has %d columns", statement, len(names)))
	}
	into := make([]any, len(names))
	for i := range into {
		into[i] = new(sql.RawBytes)
	}
	into[0], into[1] = &file, &at
	if rows.Next() {
		err = rows.Scan(into...)
	}
	return file, at, errors.Join(err, rows.Err())
}

func (mysqlDialect) estimate(ctx context.Context, db *sql.DB, table []string) (n int64, err error) {
	schema, args := "DATABASE()", []any{table[len(table)-1]}
	if len(table) == 2 {
		schema, args = "?", []any{table[0], table[1]}
	}
	err = db.QueryRowContext(ctx, `SELECT coalesce(table_rows, 0) FROM information_schema.tables WHERE table_schema = `+schema+` AND table_name = ?`, args...).Scan(&n)
	return n, err
}

// argument is of the column's kind: MySQL compares a text with a number as floats.
func (mysqlDialect) argument(t tables.Type, v tables.Value) any {
	switch t.Kind {
	case tables.Int64:
		return v.Int()
	case tables.Bytes:
		return []byte(v.Str())
	case tables.Timestamp:
		text := string(tables.AppendText(nil, t, v))
		return strings.TrimSuffix(strings.Replace(text, "T", " ", 1), "Z")
	}
	return string(tables.AppendText(nil, t, v))
}
