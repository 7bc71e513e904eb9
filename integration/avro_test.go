package integration

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

const itemsSQL = `SELECT json_build_object('id', id, 'name', name, 'total', total,
	'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'extra', to_jsonb(i)->'extra')::text FROM items i`

// items is a table that a real converter writes in Avro.
type items struct {
	t       *testing.T
	db      *stack.Postgres
	cluster *harness.Cluster
}

func (s *items) exec(sql string) {
	s.t.Helper()
	if err := s.db.Exec(s.t.Context(), sql); err != nil {
		s.t.Fatal(err)
	}
}

// rows is what SELECT gives.
func (s *items) rows() []row {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.db.DSN)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(s.t.Context())
	result, err := conn.Query(s.t.Context(), itemsSQL)
	if err != nil {
		s.t.Fatal(err)
	}
	texts, err := pgx.CollectRows(result, pgx.RowTo[string])
	if err != nil {
		s.t.Fatal(err)
	}
	out := make([]row, len(texts))
	for i, text := range texts {
		if err := harness.Decode([]byte(text), &out[i]); err != nil {
			s.t.Fatal(err)
		}
	}
	return out
}

func (s *items) settle(p *harness.Process) {
	s.t.Helper()
	want, diff := s.rows(), "nothing was compared"
	for deadline := time.Now().Add(90 * time.Second); diff != ""; {
		got, err := p.Page("items", "")
		if err != nil {
			diff = err.Error()
		} else {
			diff = harness.Differences(want, got, "id")
		}
		if time.Now().After(deadline) {
			s.t.Fatal(diff)
		}
	}
}

// until polls for something outside of the process.
func (s *items) until(what string, met func() bool) {
	s.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); !met(); <-tick.C {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain: %s", what)
		}
	}
}

// A column is added while nobody reads, and the registry is away when somebody does.
func TestAvroOfARealConverterEqualsTheDatabase(t *testing.T) {
	stack.NeedReal(t)
	t.Parallel()
	registry := stack.RegistryFor(t, stack.Options{})
	kafka, db := stack.KafkaFor(t, stack.Options{}), stack.PostgresFor(t, stack.Options{})
	worker := stack.ConnectFor(t, kafka.Addr, stack.Options{
		Plugins: []string{"debezium-postgres", "apicurio-converter"}, Settings: map[string]string{"plugin.discovery": "hybrid_warn"},
	})
	s := &items{t: t, db: db, cluster: harness.Connect(t, []string{kafka.Addr})}
	s.exec("CREATE TABLE items (id bigint PRIMARY KEY, name text, total numeric(12,2), at timestamptz)")
	s.exec("INSERT INTO items SELECT i, 'item ' || i, i / 7.0, '2024-02-29 12:34:56.789012+02'::timestamptz + i * interval '1 day' FROM generate_series(1, 500) i")
	config := db.Debezium("avro", "public.items")
	maps.Copy(config, registry.Converters())
	if err := worker.Create(t.Context(), "avro", config); err != nil {
		t.Fatal(err)
	}
	if err := worker.WaitConnector(t.Context(), "avro", db, stack.Slot("avro")); err != nil {
		t.Fatal(err)
	}
	p := harness.Start(t, s.cluster, harness.Config{Registry: registry.URL, Tables: []harness.M{
		harness.Table("items", "avro.public.items", "debezium-avro", []string{"id"}, harness.Col("id", "int64"), harness.Col("name", "string"),
			harness.Col("total", "decimal(12,2)"), harness.Col("at", "timestamp"), harness.Col("extra", "int64")),
	}})
	s.settle(p)
	s.exec("UPDATE items SET total = -total WHERE id % 3 = 0; DELETE FROM items WHERE id % 5 = 0; UPDATE items SET id = id + 1000 WHERE id % 7 = 0")
	s.settle(p)
	p.Stop()

	before := s.written()
	s.exec("ALTER TABLE items ADD COLUMN extra int; INSERT INTO items SELECT i, NULL, 0, NULL, i * 3 FROM generate_series(2001, 2020) i")
	s.until("the rows of the new schema in the topic", func() bool { return s.written() >= before+20 })
	if err := registry.Freeze(); err != nil {
		t.Fatal(err)
	}
	p.Start()
	s.until("the processor to say what it waits for", func() bool {
		a, err := p.Do("GET", "/readyz", "")
		return err == nil && strings.Contains(string(a.Body), "the schema registry "+registry.URL)
	})
	s.exec("UPDATE items SET extra = 7 WHERE id < 50")
	if err := registry.Thaw(); err != nil {
		t.Fatal(err)
	}
	p.WaitReady()
	s.settle(p)
	if n := len(s.cluster.ReadTopic(t, s.cluster.Prefix+"items-dlq")); n > 0 {
		t.Errorf("%d dead letters", n)
	}
}

// written counts the records of the source topic.
func (s *items) written() int { return len(s.cluster.ReadTopic(s.t, "avro.public.items")) }
