package integration

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL for database/sql
	"go.yaml.in/yaml/v3"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// documented is a page of docs/sources that is followed to the letter: its statements, its connector and its
// tables, all but where the servers are and who may enter.
type documented struct {
	page, connector, topics string // topics is what is before a table's name
	address                 string // for verify
	db                      *sql.DB
	servers                 map[string]string // what is replaced in the connector's settings
	awaitLog                func() error      // until the connector follows the log
	more                    string            // what happens after the page's first calls
	position                func() (string, error)
}

// TestSourcesOfTheDocumentation runs what the pages of PostgreSQL and MariaDB ask to copy.
func TestSourcesOfTheDocumentation(t *testing.T) {
	stack.NeedReal(t)
	t.Parallel()
	kafka := stack.KafkaFor(t, stack.Options{})
	worker := stack.ConnectFor(t, kafka.Addr, stack.Options{Plugins: []string{"debezium-postgres", "debezium-mariadb"}})
	t.Run("PostgreSQL", func(t *testing.T) { postgresPage(t, worker).follow(t, kafka, worker) })
	t.Run("MariaDB", func(t *testing.T) { mariadbPage(t, kafka, worker).follow(t, kafka, worker) })
}

func postgresPage(t *testing.T, worker *stack.Connect) documented {
	server := stack.PostgresFor(t, stack.Options{})
	db, err := sql.Open("pgx", server.DSN)
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(server.Addr)
	return documented{
		page: "postgresql.md", connector: "shop-postgres", topics: "shop.public.", address: server.DSN, db: db,
		servers: map[string]string{"database.hostname": host, "database.port": port, "database.user": "postgres", "database.dbname": "postgres"},
		awaitLog: func() error {
			return worker.WaitConnector(t.Context(), "shop-postgres", server, "dbz_shop")
		},
		more: `INSERT INTO orders VALUES (9007199254740993, 8, 'late', -0.01, '[]', '1999-12-31', '1969-12-31 23:59:59.999999Z');
			UPDATE orders SET total = 20.90, status = NULL WHERE id = 1; DELETE FROM orders WHERE id = 2`,
		position: func() (lsn string, err error) {
			err = db.QueryRowContext(t.Context(), "SELECT pg_current_wal_insert_lsn()::text").Scan(&lsn)
			return "lsn=" + lsn, err
		},
	}
}

func mariadbPage(t *testing.T, kafka *stack.Kafka, worker *stack.Connect) documented {
	server := stack.MariaDBFor(t, stack.Options{})
	db, err := server.Open()
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(server.Addr)
	return documented{
		page: "mysql.md", connector: "shop-mariadb", topics: "shop.shop.", address: "mysql://tidemark:tidemark@" + server.Addr + "/shop", db: db,
		servers: map[string]string{
			"database.hostname": host, "database.port": port, "database.user": "tidemark", "database.password": "tidemark",
			"schema.history.internal.kafka.bootstrap.servers": kafka.Addr,
		},
		awaitLog: func() error { return worker.WaitRunning(t.Context(), "shop-mariadb") },
		more: `INSERT INTO orders VALUES (9007199254740993, 8, 'late', -0.01, 0, '838:59:59', '[]', '1969-12-31 23:59:59.999999');
			UPDATE orders SET total = 20.90, status = NULL WHERE id = 1; DELETE FROM orders WHERE id = 2`,
		position: func() (string, error) {
			var file, do, ignore string
			var pos int64
			err := db.QueryRowContext(t.Context(), "SHOW MASTER STATUS").Scan(&file, &pos, &do, &ignore)
			return fmt.Sprintf("file=%s,pos=%d", file, pos), err
		},
	}
}

var (
	pageBlock = regexp.MustCompile("(?ms)^```(sql|json|yaml|console)\n(.*?)^```$")
	pageTable = regexp.MustCompile("`(CREATE TABLE orders [^`]*)`")
	pageRows  = regexp.MustCompile("`(INSERT INTO orders [^`]*)`")
)

// read returns the page's first code blocks by their language, and under "table" and "rows" the statements that
// make its table and its first rows.
func (d documented) read(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../docs/sources/" + d.page)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, b := range pageBlock.FindAllStringSubmatch(string(text), -1) {
		if out[b[1]] == "" {
			out[b[1]] = b[2]
		}
	}
	for part, of := range map[string]*regexp.Regexp{"table": pageTable, "rows": pageRows} {
		if m := of.FindStringSubmatch(string(text)); m != nil {
			out[part] = m[1]
		}
	}
	for _, part := range []string{"sql", "json", "yaml", "console", "table", "rows"} {
		if out[part] == "" {
			t.Fatalf("%s has no %s", d.page, part)
		}
	}
	return out
}

func (d documented) exec(t *testing.T, statements string) {
	t.Helper()
	if _, err := d.db.ExecContext(t.Context(), statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// follow does what the page says, and compares the table with the database.
func (d documented) follow(t *testing.T, kafka *stack.Kafka, worker *stack.Connect) {
	t.Cleanup(func() { d.db.Close() })
	page := d.read(t)
	d.exec(t, page["sql"])
	d.exec(t, page["table"])
	d.exec(t, page["rows"])
	settings := map[string]string{}
	if err := json.Unmarshal([]byte(page["json"]), &settings); err != nil {
		t.Fatal(err)
	}
	maps.Copy(settings, d.servers)
	if err := worker.Create(t.Context(), d.connector, settings); err != nil {
		t.Fatal(err)
	}
	if err := d.awaitLog(); err != nil {
		t.Fatal(err)
	}
	var file struct{ Tables []m }
	if err := yaml.Unmarshal([]byte(page["yaml"]), &file); err != nil {
		t.Fatal(err)
	}
	cluster := harness.Connect(t, []string{kafka.Addr})
	awaitTopics(t, cluster, d.topics+"orders")
	awaitTopics(t, cluster, d.topics+"heartbeat")
	p := harness.Start(t, cluster, harness.Config{Tables: file.Tables})
	d.equal(t, p, 3)
	calls(t, p, page["console"])
	d.exec(t, d.more)
	d.equal(t, p, 3)
	d.exec(t, "TRUNCATE TABLE orders")
	d.exec(t, "INSERT INTO orders (id, status) VALUES (5, 'after')")
	d.equal(t, p, 1)
	if out, _, code := p.Execute("check"); code != 0 {
		t.Errorf("check ends with %d: %s", code, out)
	}
}

var (
	consoleWord = regexp.MustCompile(`'([^']*)'|(\S+)`)
	elapsed     = regexp.MustCompile(`"elapsed":[0-9.e-]+`)
)

// calls makes the calls of a console's session, and compares the answers with those that stand below them, but for
// the time that they took.
func calls(t *testing.T, p *harness.Process, console string) {
	t.Helper()
	made := 0
	for call := range strings.SplitSeq(strings.TrimPrefix(console, "$ "), "\n$ ") {
		line, want, _ := strings.Cut(call, "\n")
		var words []string
		for _, w := range consoleWord.FindAllStringSubmatch(line, -1) {
			words = append(words, w[1]+w[2])
		}
		got := ""
		switch {
		case len(words) == 3 && words[0] == "curl" && words[1] == "-s":
			path, ok := strings.CutPrefix(words[2], "http://127.0.0.1:8080")
			if !ok {
				t.Fatalf("%s asks another server", line)
			}
			got = string(p.Expect(t, 200, "GET", path, "").Body)
		case len(words) > 1 && words[0] == "tidemark":
			got, _, _ = p.Execute(words[1:]...)
		default:
			t.Fatalf("%s is no call that is known here", line)
		}
		got, want = elapsed.ReplaceAllString(got, `"elapsed":0`), elapsed.ReplaceAllString(want, `"elapsed":0`)
		if strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%s answers\n%s\nthe page says\n%s", line, got, want)
		}
		made++
	}
	if made < 4 {
		t.Errorf("the page shows %d calls", made)
	}
}

// equal reads the newest write back as the page says, and has verify compare the rows, of which there are n.
func (d documented) equal(t *testing.T, p *harness.Process, n int) {
	t.Helper()
	position, err := d.position()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	p.Expect(t, 200, "GET", "/v1/tables/orders/rows", "", "Tidemark-Min-Source", position, "Tidemark-Wait", "30s")
	t.Logf("%s was reached after %v", position, time.Since(began).Round(time.Millisecond))
	if rows := p.Rows(t, "orders", ""); len(rows) != n {
		t.Errorf("%d rows, want %d: %v", len(rows), n, rows)
	}
	out, code := p.Command("verify", "orders", "--source", d.address, "-o", "json", "--settle", "3s")
	var v verified
	if err := harness.Decode(out, &v); err != nil {
		t.Fatalf("exit code %d: %v: %s", code, err, out)
	}
	if code != 0 || v.Rows != int64(n) || v.Missing+v.Unexpected+v.Different+v.Undecided > 0 || len(v.Skipped) > 0 {
		t.Errorf("verify ends with %d: %s", code, out)
	}
}
