package docker

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// The services of compose.yaml run here as the same programs without containers: the demo's schema, its
// connector and its tidemark.yaml have to fit together and give the database's rows.
func TestDemoServesTheDatabasesRows(t *testing.T) {
	stack.NeedReal(t)
	kafka, db := stack.KafkaFor(t, stack.Options{}), stack.PostgresFor(t, stack.Options{})
	worker := stack.ConnectFor(t, kafka.Addr, stack.Options{})
	if err := db.Exec(t.Context(), "CREATE DATABASE shop"); err != nil {
		t.Fatal(err)
	}
	db.DSN = strings.Replace(db.DSN, "/postgres?", "/shop?", 1)
	if err := db.Exec(t.Context(), readFile(t, "demo/schema.sql")); err != nil {
		t.Fatal(err)
	}
	cluster := harness.Connect(t, []string{kafka.Addr})
	for _, topic := range []string{"shop.public.customers", "shop.public.orders"} {
		if err := cluster.Create(topic, 8, nil); err != nil {
			t.Fatal(err)
		}
	}
	register(t, worker, db)
	client := serve(t, kafka)

	wantRows(t, client, "orders", query(t, db, `SELECT json_agg(o)::text FROM (
		SELECT id, customer_id, status, total, address, due_on, to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS created_at
		FROM orders WHERE status <> 'draft') o`))
	wantRows(t, client, "customers", query(t, db, `SELECT json_agg(c)::text FROM (
		SELECT id, name, email, city, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS created_at
		FROM customers) c`))
}

// wantRows waits until the table has the wanted rows.
func wantRows(t *testing.T, client *harness.Client, table string, want []harness.Row) {
	t.Helper()
	diff := ""
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s: %s", table, diff)
		}
	})
	harness.Poll(t, time.Minute, "the database's "+table, func() bool {
		got, err := client.Page(table, "order=id")
		if err != nil {
			diff = err.Error()
			return false
		}
		diff = harness.Differences(want, got, "id")
		return diff == ""
	})
}

// register does what the service connector does.
func register(t *testing.T, worker *stack.Connect, db *stack.Postgres) {
	t.Helper()
	var settings map[string]string
	if err := json.Unmarshal([]byte(readFile(t, "demo/connector.json")), &settings); err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(db.Addr)
	if err != nil {
		t.Fatal(err)
	}
	settings["database.hostname"], settings["database.port"] = host, port
	if err := worker.Create(t.Context(), "shop", settings); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := worker.WaitConnector(ctx, "shop", db, settings["slot.name"]); err != nil {
		t.Fatal(err)
	}
}

// serve runs the binary with tidemark.yaml, whose addresses come from variables.
func serve(t *testing.T, kafka *stack.Kafka) *harness.Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(harness.Binary(t), "run", "-c", "tidemark.yaml")
	cmd.Env = append(os.Environ(),
		"TIDEMARK_KAFKA="+kafka.Addr, "TIDEMARK_LISTEN="+listen, "TIDEMARK_DATA="+t.TempDir())
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("tidemark ended with %v", err)
		}
		if t.Failed() {
			t.Log(out.String())
		}
	})
	client := &harness.Client{URL: "http://" + listen, HTTP: &http.Client{Timeout: 30 * time.Second}}
	harness.Poll(t, time.Minute, "ready", func() bool {
		answer, err := client.Do(http.MethodGet, "/readyz", "")
		return err == nil && answer.Status == http.StatusOK
	})
	return client
}

// query returns the rows of a statement that gives them as one JSON array.
func query(t *testing.T, db *stack.Postgres, sql string) []harness.Row {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var text string
	if err := conn.QueryRow(t.Context(), sql).Scan(&text); err != nil {
		t.Fatal(err)
	}
	var rows []harness.Row
	if err := harness.Decode([]byte(text), &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}
