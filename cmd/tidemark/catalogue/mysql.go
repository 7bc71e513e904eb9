package catalogue

import (
	"context"
	"database/sql"
	"strings"
)

const (
	mysqlColumns = `
	SELECT c.table_schema, c.table_name, c.column_name, c.data_type, c.column_type, coalesce(c.numeric_precision, 0), coalesce(c.numeric_scale, 0),
		coalesce(c.datetime_precision, 0), c.is_nullable = 'YES'
	FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
	WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
	ORDER BY c.table_schema, c.table_name, c.ordinal_position`

	mysqlKeys = `
	SELECT table_schema, table_name, column_name FROM information_schema.statistics
	WHERE index_name = 'PRIMARY' AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
	ORDER BY table_schema, table_name, seq_in_index`

	// mariadbJSON finds columns of type json, which MariaDB keeps as texts under a condition.
	mariadbJSON = `
	SELECT constraint_schema, table_name, check_clause FROM information_schema.check_constraints WHERE lower(check_clause) LIKE 'json\_valid(%'`
)

// mysql asks MySQL or MariaDB.
func (c *Catalogue) mysql(ctx context.Context, db *sql.DB) error {
	var version string
	if err := db.QueryRowContext(ctx, `SELECT coalesce(database(), ''), version()`).Scan(&c.Database, &version); err != nil {
		return err
	}
	err := each(ctx, db, mysqlColumns, nil, func(scan func(...any) error) error {
		var schema, name string
		var r mysqlRow
		if err := scan(&schema, &name, &r.name, &r.typ, &r.declared, &r.precision, &r.scale, &r.fraction, &r.nullable); err != nil {
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
	err = each(ctx, db, mysqlKeys, nil, func(scan func(...any) error) error {
		var schema, name, column string
		if err := scan(&schema, &name, &column); err != nil {
			return err
		}
		if t := known[[2]string{schema, name}]; t != nil {
			t.Key = append(t.Key, column)
		}
		return nil
	})
	if err != nil || !strings.Contains(strings.ToLower(version), "mariadb") {
		return err
	}
	return each(ctx, db, mariadbJSON, nil, func(scan func(...any) error) error {
		var schema, name, clause string
		if err := scan(&schema, &name, &clause); err != nil {
			return err
		}
		if t := known[[2]string{schema, name}]; t != nil {
			t.checksJSON(clause)
		}
		return nil
	})
}
