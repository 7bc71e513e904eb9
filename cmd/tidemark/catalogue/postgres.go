package catalogue

import (
	"context"
	"database/sql"
)

// postgresColumns looks through domains to the types below. attgenerated is not there before PostgreSQL 12.
const postgresColumns = `
	WITH RECURSIVE own AS (
		SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
	), base(schema, name, attnum, attname, declared, oid, mod, attnotnull, generated) AS (
		SELECT o.schema, o.name, a.attnum, a.attname::text, format_type(a.atttypid, a.atttypmod), a.atttypid, a.atttypmod, a.attnotnull,
			coalesce(to_jsonb(a) ->> 'attgenerated', '') <> ''
		FROM own o JOIN pg_attribute a ON a.attrelid = o.oid WHERE a.attnum > 0 AND NOT a.attisdropped
		UNION ALL
		SELECT b.schema, b.name, b.attnum, b.attname, b.declared, t.typbasetype, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.mod END, b.attnotnull, b.generated
		FROM base b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype = 'd'
	)
	SELECT b.schema, b.name, b.attname, b.declared, t.typname::text, t.typtype::text, b.mod, t.typcategory = 'A',
		coalesce(i.typname::text, ''), coalesce(i.typtype::text, ''), b.attnotnull, b.generated
	FROM base b JOIN pg_type t ON t.oid = b.oid LEFT JOIN pg_type i ON i.oid = t.typelem AND t.typcategory = 'A'
	WHERE t.typtype <> 'd' ORDER BY b.schema, b.name, b.attnum`

// postgresKeys are the columns of primary keys, and of the indexes that identify rows in the log instead.
const postgresKeys = `
	SELECT n.nspname::text, c.relname::text, i.indisprimary, c.relreplident::text = 'i' AND i.indisreplident, a.attname::text
	FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
	WHERE (i.indisprimary OR i.indisreplident) AND i.indisvalid AND k.n <= i.indnkeyatts
	ORDER BY 1, 2, i.indexrelid, k.n`

// postgres asks PostgreSQL.
func (c *Catalogue) postgres(ctx context.Context, db *sql.DB) error {
	if err := db.QueryRowContext(ctx, `SELECT current_database()::text`).Scan(&c.Database); err != nil {
		return err
	}
	err := each(ctx, db, postgresColumns, nil, func(scan func(...any) error) error {
		var schema, name string
		var r postgresRow
		if err := scan(&schema, &name, &r.name, &r.declared, &r.typ, &r.kind, &r.mod, &r.array, &r.item, &r.itemKind, &r.notNull, &r.generated); err != nil {
			return err
		}
		t := c.table(schema, name)
		t.Columns = append(t.Columns, r.column())
		return nil
	})
	if err != nil {
		return err
	}
	known := c.keyed()
	return each(ctx, db, postgresKeys, nil, func(scan func(...any) error) error {
		var schema, name, column string
		var primary, identity bool
		if err := scan(&schema, &name, &primary, &identity, &column); err != nil {
			return err
		}
		t := known[[2]string{schema, name}]
		switch {
		case t == nil: // made meanwhile
		case primary:
			t.Key = append(t.Key, column)
		case identity:
			t.Identity = append(t.Identity, column)
		}
		return nil
	})
}
