package rows

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tidemark/tidemark/integration/stack"
)

// postgres returns the prepared lookups by primary key that PostgreSQL answers in a
// second, to so many connections, on the rows of a CSV file.
func (b *Bench) postgres(ctx context.Context, w *world, csv string) (perSecond float64, version string, err error) {
	p, err := stack.StartPostgres(ctx, stack.Options{})
	if err != nil {
		return 0, "", err
	}
	defer p.Close()
	if version, err = loadPostgres(ctx, p.DSN, csv); err != nil {
		return 0, "", err
	}
	script := filepath.Join(b.Dir, "lookup.sql")
	text := fmt.Sprintf("\\set id random(0, %d)\nSELECT * FROM orders WHERE id = :id;\n", w.rows-1)
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		return 0, "", err
	}
	host, port, _ := strings.Cut(p.Addr, ":")
	out, err := exec.CommandContext(ctx, "pgbench", "-h", host, "-p", port, "-U", "postgres", "-n", "-M", "prepared", "-f", script,
		"-c", strconv.Itoa(connections), "-j", "2", "-T", strconv.Itoa(int(b.round().Seconds())), "postgres").CombinedOutput()
	if err != nil {
		return 0, "", fmt.Errorf("pgbench: %w: %s", err, out)
	}
	m := regexp.MustCompile(`tps = ([0-9.]+)`).FindSubmatch(out)
	if m == nil {
		return 0, "", fmt.Errorf("pgbench says %s", out)
	}
	perSecond, err = strconv.ParseFloat(string(m[1]), 64)
	return perSecond, version, err
}

func loadPostgres(ctx context.Context, dsn, csv string) (version string, err error) {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	f, err := os.Open(csv)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := c.Exec(ctx, createOrders); err != nil {
		return "", err
	}
	if _, err := c.PgConn().CopyFrom(ctx, f, "COPY orders FROM STDIN (FORMAT csv)"); err != nil {
		return "", err
	}
	for _, s := range []string{"ALTER TABLE orders ADD PRIMARY KEY (id)", "VACUUM ANALYZE orders"} {
		if _, err := c.Exec(ctx, s); err != nil {
			return "", fmt.Errorf("%s: %w", s, err)
		}
	}
	return version, c.QueryRow(ctx, "SHOW server_version").Scan(&version)
}
