package stack

import (
	"context"
	"database/sql"
	"errors"

	"github.com/go-sql-driver/mysql"
)

// answers is nil when the server answers a query.
func (m *MariaDB) answers(ctx context.Context) error { return m.Exec(ctx, "SELECT 1") }

// Open connects to database shop. Times are the server's text; several statements may be in one call.
func (m *MariaDB) Open() (*sql.DB, error) {
	c, err := mysql.ParseDSN(m.DSN)
	if err != nil {
		return nil, err
	}
	c.MultiStatements = true
	// A server that is starting refuses connections, which await reports already.
	c.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// Exec runs statements, separated by semicolons, on a connection of its own.
func (m *MariaDB) Exec(ctx context.Context, statements string) (err error) {
	db, err := m.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, statements)
	return err
}
