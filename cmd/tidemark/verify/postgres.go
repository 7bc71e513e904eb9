package verify

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// postgres is PostgreSQL, by pgx.
type postgres struct{}

func (postgres) quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (postgres) parameter(n int) string { return "$" + strconv.Itoa(n) }

// uniques leaves out what does not hold for every row: partial indexes, indexes over
// expressions, and those over columns that may be null.
func (p postgres) uniques(ctx context.Context, db *sql.DB, table []string) ([]unique, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT i.indexrelid::text, a.attname::text, i.indisprimary
		FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, n)
			JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
		WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND k.n <= i.indnkeyatts
			AND NOT EXISTS (SELECT 1 FROM pg_attribute b WHERE b.attrelid = i.indrelid AND b.attnum = ANY(i.indkey) AND NOT b.attnotnull)
		ORDER BY i.indisprimary DESC, i.indexrelid, k.n`, p.qualified(table))
	if err != nil {
		return nil, err
	}
	return uniquesOf(rows)
}

// qualified is a table's name as to_regclass reads it.
func (p postgres) qualified(table []string) string {
	quoted := make([]string, len(table))
	for i, n := range table {
		quoted[i] = p.quote(n)
	}
	return strings.Join(quoted, ".")
}

func (postgres) position(ctx context.Context, db *sql.DB) (string, error) {
	var lsn string
	err := db.QueryRowContext(ctx, `SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text`).Scan(&lsn)
	return "lsn=" + lsn, err
}

func (p postgres) estimate(ctx context.Context, db *sql.DB, table []string) (n int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass($1)`, p.qualified(table)).Scan(&n)
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
