package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// compared is what verify says about keys and columns.
type compared struct {
	verified
	TableRows int64 `json:"table_rows"`
	Doubled   int64
	Key       string `json:"key_differs"`
	Stopped   string
	Columns   []struct {
		Column    string
		Different int64
	}
}

// verifying runs verify against a real database for tables that a test fills by itself.
type verifying struct {
	t       *testing.T
	p       *harness.Process
	address string
}

func (v verifying) run(table, source string, flags ...string) (out compared, code int) {
	v.t.Helper()
	answer, code := v.p.Command(append([]string{"verify", table, "--source", v.address, "--source-table", source, "-o", "json", "--settle", "200ms"}, flags...)...)
	if err := harness.Decode(answer, &out); err != nil {
		v.t.Fatalf("exit code %d: %v: %s", code, err, answer)
	}
	return out, code
}

// keysOfDatabases is in SQL that PostgreSQL and MariaDB understand.
const keysOfDatabases = `
CREATE TABLE pair (a int, b int, v varchar(9), PRIMARY KEY (a, b));
INSERT INTO pair VALUES (1, 1, 'x'), (1, 2, 'y'), (2, 1, 'z');
CREATE TABLE bare (a int, b int, v varchar(9));
INSERT INTO bare VALUES (1, 1, 'x'), (1, 2, 'y'), (2, 1, 'z');
CREATE TABLE other (a int NOT NULL, b int NOT NULL, v varchar(9), PRIMARY KEY (b));
CREATE UNIQUE INDEX other_a ON other (a);
INSERT INTO other VALUES (1, 1, 'x'), (2, 2, 'y');`

// TestVerifyLooksAtKeysAndAtAllColumns needs no connector: the table's rows are sent by hand.
func TestVerifyLooksAtKeysAndAtAllColumns(t *testing.T) {
	stack.NeedReal(t)
	cluster := harness.NewCluster(t)
	topic := func(name string, rows ...string) string {
		var events []harness.Event
		for i, r := range rows {
			events = append(events, harness.Text(fmt.Sprintf(`{"a":%d}`, i+1), r))
		}
		name = cluster.Topic(t, name, 2)
		cluster.Produce(t, name, events...)
		return name
	}
	columns := []m{harness.Col("a", "int64"), harness.Col("b", "int64"), harness.Col("v", "string")}
	two := []string{`{"a":1,"b":2,"v":"y"}`, `{"a":2,"b":1,"v":"z"}`}
	p := harness.Start(t, cluster, harness.Config{Tables: []m{
		harness.Table("pair", topic("pair", two...), "upsert-json", []string{"a"}, columns...),
		harness.Table("other", topic("other", `{"a":1,"b":1,"v":"x"}`, `{"a":2,"b":2,"v":"y"}`), "upsert-json", []string{"a"}, append(columns, harness.Col("gone", "string"))...),
	}})
	p.CaughtUp(t, "pair")
	p.CaughtUp(t, "other")
	pg, maria := stack.PostgresFor(t, stack.Options{}), stack.MariaDBFor(t, stack.Options{})
	if err := pg.Exec(t.Context(), keysOfDatabases); err != nil {
		t.Fatal(err)
	}
	if err := maria.Exec(t.Context(), keysOfDatabases); err != nil {
		t.Fatal(err)
	}
	for _, v := range []verifying{{t, p, pg.DSN}, {t, p, "mysql://tidemark:tidemark@" + maria.Addr + "/shop"}} {
		schema := map[bool]string{true: "public.", false: "shop."}[strings.HasPrefix(v.address, "postgres")]
		// The database's key has a part more than the table's.
		got, code := v.run("pair", schema+"pair")
		if code != 4 || got.Rows != 3 || got.TableRows != 2 || got.Doubled != 1 || !strings.Contains(got.Key, "the table's key is (a)") {
			t.Errorf("another key, exit code %d: %+v", code, got)
		}
		// No key says it, and the rows do.
		if got, code := v.run("pair", schema+"bare"); code != 4 || got.Doubled != 1 || got.Key != "" {
			t.Errorf("no key, exit code %d: %+v", code, got)
		}
		// A unique index over the table's key is as good as the primary key; a column that is
		// not there was not compared.
		if got, code := v.run("other", schema+"other"); code != 4 || len(got.Skipped) != 1 || got.Key != "" || got.Different+got.Missing > 0 {
			t.Errorf("a column that is gone, exit code %d: %+v", code, got)
		}
		if got, code := v.run("other", schema+"other", "--allow-uncompared"); code != 0 || len(got.Skipped) != 1 {
			t.Errorf("a column that is gone and accepted, exit code %d: %+v", code, got)
		}
	}
}

// TestVerifyReadsHostsAsConnectorsWriteThem compares what a database writes in more ways than one.
func TestVerifyReadsHostsAsConnectorsWriteThem(t *testing.T) {
	stack.NeedReal(t)
	cluster := harness.NewCluster(t)
	topic := cluster.Topic(t, "hosts", 2)
	cluster.Produce(t, topic,
		harness.Text(`{"id":1}`, `{"id":1,"host":"10.0.1.7","net":"10.0.0.0/8","six":"fe80::1","hosts":["10.0.1.7","10.0.0.0/8"],"address":{"city":"Graz","n":null}}`),
		harness.Text(`{"id":2}`, `{"id":2,"host":"10.0.0.1/24","net":"1.2.3.4/32","six":null,"hosts":null,"address":null}`))
	p := harness.Start(t, cluster, harness.Config{Tables: []m{harness.Table("hosts", topic, "upsert-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("host", "string"), harness.Col("net", "string"), harness.Col("six", "string"), harness.Col("hosts", "json"),
		harness.Col("city", "string", "path", "address.city"), harness.Col("n", "int64", "path", "address.n"))}})
	p.CaughtUp(t, "hosts")
	pg := stack.PostgresFor(t, stack.Options{})
	if err := pg.Exec(t.Context(), `CREATE TABLE hosts (id bigint PRIMARY KEY, host inet, net cidr, six inet, hosts inet[], address jsonb);
		INSERT INTO hosts VALUES (1, '10.0.1.7', '10.0.0.0/8', 'fe80::1', '{10.0.1.7,10.0.0.0/8}', '{"city":"Graz","n":null}'), (2, '10.0.0.1/24', '1.2.3.4/32', NULL, NULL, NULL)`); err != nil {
		t.Fatal(err)
	}
	v := verifying{t, p, pg.DSN}
	if got, code := v.run("hosts", "public.hosts"); code != 0 || got.Rows != 2 || len(got.Skipped) > 0 {
		t.Errorf("exit code %d: %+v", code, got)
	}
	if err := pg.Exec(t.Context(), `UPDATE hosts SET host = '10.0.1.8', address = '{"city":"Wien"}' WHERE id = 1`); err != nil {
		t.Fatal(err)
	}
	if got, code := v.run("hosts", "public.hosts"); code != 4 || got.Different != 1 || len(got.Columns) != 2 {
		t.Errorf("exit code %d: %+v", code, got)
	}
}
