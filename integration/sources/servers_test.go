package sources

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// servers are what all tests here share: starting them takes longer than most of the tests.
type servers struct {
	kafka    string
	postgres *stack.Postgres
	mariadb  *stack.MariaDB
	worker   *stack.Connect
	cluster  *harness.Cluster
}

// TestSources runs its parts side by side against the same servers, each with tables and connectors of its own.
func TestSources(t *testing.T) {
	stack.NeedReal(t)
	s := startServers(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *servers)
	}{
		{"every type of PostgreSQL", postgresTypesTest},
		{"every type of MariaDB", mariadbTypesTest},
		{"truncate", truncateTest},
		{"schema evolution", evolutionTest},
		{"what connectors write beside rows", besideTest},
		{"incremental snapshot", incrementalTest},
		{"second snapshot", againTest},
		{"connector killed", crashTest},
		{"changed keys", keyChangeTest},
		{"tables from the catalogue", everyTest},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.run(t, s)
		})
	}
}

func startServers(t *testing.T) *servers {
	t.Helper()
	s := &servers{kafka: os.Getenv(harness.KafkaVariable)}
	if s.kafka == "" {
		s.kafka = stack.KafkaFor(t, stack.Options{}).Addr
	}
	s.postgres, s.mariadb = stack.PostgresFor(t, stack.Options{}), stack.MariaDBFor(t, stack.Options{})
	s.worker = stack.ConnectFor(t, s.kafka, stack.Options{HeapMB: 768, Plugins: []string{"debezium-postgres", "debezium-mariadb", "debezium-mysql"}})
	s.cluster = harness.Connect(t, strings.Split(s.kafka, ","))
	return s
}

// within bounds everything that waits for a connector.
const within = 3 * time.Minute

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	t.Cleanup(cancel)
	return ctx
}

func (s *servers) execPostgres(t *testing.T, sql string) {
	t.Helper()
	if err := s.postgres.Exec(bounded(t), sql); err != nil {
		t.Fatal(err)
	}
}

func (s *servers) execMariaDB(t *testing.T, sql string) {
	t.Helper()
	if err := s.mariadb.Exec(bounded(t), sql); err != nil {
		t.Fatal(err)
	}
}

// connect creates a connector and waits until it follows the log.
func (s *servers) connect(t *testing.T, name string, config map[string]string) {
	t.Helper()
	if err := s.worker.Create(bounded(t), name, config); err != nil {
		t.Fatal(err)
	}
}

// waitRecords waits until a topic holds at least n records: a snapshot is over then.
func (s *servers) waitRecords(t *testing.T, connector, topic string, n int64) {
	t.Helper()
	var have int64
	var err error
	deadline := time.Now().Add(within)
	for have < n {
		if time.Now().After(deadline) {
			t.Fatalf("topic %s has %d records after %v, want %d (%v)", topic, have, within, n, err)
		}
		if err := s.worker.Failed(bounded(t), connector); err != nil {
			t.Fatal(err)
		}
		if have, err = s.records(t, topic); err != nil {
			have = 0
		}
	}
}

func (s *servers) records(t *testing.T, topic string) (int64, error) {
	ends, err := s.cluster.Admin().ListEndOffsets(t.Context(), topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return 0, err
	}
	var n int64
	for _, o := range ends[topic] {
		n += o.Offset
	}
	return n, nil
}

// selectPostgres returns the columns of all rows as the server prints them, nil for null.
func (s *servers) selectPostgres(t *testing.T, table string, settings Settings, columns []column) [][][]byte {
	t.Helper()
	var list []string
	for _, c := range columns {
		list = append(list, c.selected(settings))
	}
	rows, err := QueryPostgres(bounded(t), s.postgres, fmt.Sprintf("SET intervalstyle = iso_8601; SELECT %s FROM %s ORDER BY 1", strings.Join(list, ", "), table))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// selectMariaDB is selectPostgres for the other server.
func (s *servers) selectMariaDB(t *testing.T, table string, settings Settings, columns []column) [][][]byte {
	t.Helper()
	var list []string
	for _, c := range columns {
		list = append(list, c.selected(settings))
	}
	rows, err := QueryMariaDB(bounded(t), s.mariadb, fmt.Sprintf("SELECT %s FROM %s ORDER BY 1", strings.Join(list, ", "), table))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// settle waits until the view has as many rows as the database, each of them, and then until it reflects all that
// its topic holds, and returns how they differ. What is written last at the source must be a row of its own.
func (s *servers) settle(t *testing.T, p *harness.Process, name, topic string, settings Settings, columns []column, rows [][][]byte) []difference {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		ds := s.differences(t, p, name, settings, columns, rows)
		deadLetters := s.deadLetters(t, name)
		// What a changed key carries into another partition follows its row. No setting loses anything of c_big.
		open := slices.ContainsFunc(ds, func(d difference) bool { return d.column == "row" || d.column == "c_big" })
		if !open && len(deadLetters) == 0 {
			break
		}
		if len(deadLetters) > 0 || time.Now().After(deadline) {
			t.Errorf("%s, of %d rows: %v\ndead letters:\n%s", name, len(rows), ds, strings.Join(deadLetters, "\n"))
			return ds
		}
	}
	p.Get(t, "/v1/tables/"+name+"/rows?limit=1", "Tidemark-Min-Position", s.end(t, topic), "Tidemark-Wait", "30s")
	return s.differences(t, p, name, settings, columns, rows)
}

func (s *servers) differences(t *testing.T, p *harness.Process, name string, settings Settings, columns []column, rows [][][]byte) []difference {
	t.Helper()
	view, err := p.Page(name, "")
	if err != nil {
		t.Fatal(err)
	}
	return differences(t, settings, columns, rows, view)
}

// end is the position behind a topic's last records.
func (s *servers) end(t *testing.T, topic string) string {
	t.Helper()
	ends, err := s.cluster.Admin().ListEndOffsets(t.Context(), topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, o := range ends[topic] {
		parts = append(parts, fmt.Sprintf("%d:%d", o.Partition, o.Offset))
	}
	return strings.Join(parts, ",")
}

// deadLetters describes a table's dead letters.
func (s *servers) deadLetters(t *testing.T, name string) []string {
	t.Helper()
	var out []string
	for _, r := range s.cluster.ReadTopic(t, s.cluster.Prefix+name+"-dlq") {
		h := map[string]string{}
		for _, header := range r.Headers {
			h[header.Key] = string(header.Value)
		}
		out = append(out, fmt.Sprintf("%s: %s (key %s)", h["tidemark.field"], h["tidemark.error"], r.Key))
	}
	return out
}
