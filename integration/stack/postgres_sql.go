package stack

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// answers is nil when the server answers a query.
func (p *Postgres) answers(ctx context.Context) error {
	return p.Exec(ctx, "SELECT 1")
}

// Exec runs statements, separated by semicolons, on a connection of its own and as one transaction.
func (p *Postgres) Exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, p.DSN)
	if err != nil {
		return err
	}
	// The statement has succeeded or failed by now, and says so itself.
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// slotActive is nil when somebody reads the replication slot.
func (p *Postgres) slotActive(ctx context.Context, slot string) error {
	conn, err := pgx.Connect(ctx, p.DSN)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var active bool
	err = conn.QueryRow(ctx, "SELECT active FROM pg_replication_slots WHERE slot_name = $1", slot).Scan(&active)
	if err != nil {
		return fmt.Errorf("look at replication slot %s: %w", slot, err)
	}
	if !active {
		return fmt.Errorf("replication slot %s is not in use", slot)
	}
	return nil
}
