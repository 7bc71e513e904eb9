package integration

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// writes is how often each recipe is followed, 25 times unless TIDEMARK_WRITES says
// otherwise; every time has to work.
func writes(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TIDEMARK_WRITES")
	if text == "" {
		return 25
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("TIDEMARK_WRITES: %v", err)
	}
	return n
}

// quietTables are a table on which nothing happens but one write at a time, and the connector's heartbeats.
func quietTables(prefix string) []m {
	at := []any{"encoding", "iso_timestamp"}
	return []m{
		harness.Table("notes", prefix+".notes", "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("text", "string")),
		harness.Table("heartbeat", prefix+".heartbeat", "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("at", "timestamp", at...)),
	}
}

// readOwn asks for a row that was just written, with the position that the database returned after the commit.
func readOwn(t *testing.T, p *harness.Process, position string, id int, want string) {
	t.Helper()
	began := time.Now()
	a := p.Expect(t, 200, "GET", fmt.Sprintf("/v1/tables/notes/rows/%d", id), "",
		"Tidemark-Min-Source", position, "Tidemark-Wait", "20s")
	var got row
	if err := harness.Decode(a.Body, &got); err != nil {
		t.Fatal(err)
	}
	if got["text"] != want {
		t.Fatalf("write %d, read %s after %s: %v, want %s", id, time.Since(began), position, got["text"], want)
	}
}

// TestAnotherTableOfTheConnectorTellsOfTheLog waits for a position behind the last event of a table on which
// nothing else happens: it is reached when another table of the connector has come to it, and no sooner;
// those of other connectors say nothing.
func TestAnotherTableOfTheConnectorTellsOfTheLog(t *testing.T) {
	t.Parallel()
	c := harness.NewCluster(t)
	notes, beats, foreign := c.Topic(t, "quiet.public.notes", 3), c.Topic(t, "quiet.public.heartbeat", 1), c.Topic(t, "other.public.heartbeat", 1)
	tables := quietTables(c.Prefix + "quiet.public")
	other := quietTables(c.Prefix + "other.public")[1]
	other["name"] = "other"
	p := harness.Start(t, c, harness.Config{Tables: append(tables, other)})
	at := func(topic, connector, table, row string, lsn int) {
		t.Helper()
		c.Produce(t, topic, harness.Text(`{"id":1}`, fmt.Sprintf(`{"before":null,"after":%s,"op":"u","ts_ms":%d,
			"source":{"version":"3.7.0.Final","connector":"postgresql","name":%q,"db":"shop","schema":"public","table":%q,"ts_ms":%d,"snapshot":"false","lsn":%d}}`,
			row, lsn, connector, table, lsn, lsn)))
	}
	read := func(status int, wait string) {
		t.Helper()
		p.Expect(t, status, "GET", "/v1/tables/notes/rows/1", "", "Tidemark-Min-Source", "lsn=150", "Tidemark-Wait", wait)
	}
	beat := `{"id":1,"at":"2026-11-22T10:15:00Z"}`
	at(notes, "quiet", "notes", `{"id":1,"text":"a"}`, 100)
	at(foreign, "other", "heartbeat", beat, 1000)
	p.CaughtUp(t, "other")
	p.CaughtUp(t, "notes")
	read(412, "300ms")
	at(beats, "quiet", "heartbeat", beat, 140)
	p.CaughtUp(t, "heartbeat")
	read(412, "300ms")
	done := make(chan struct{})
	go func() {
		defer close(done)
		a, err := p.Do("GET", "/v1/tables/notes/rows/1", "", "Tidemark-Min-Source", "lsn=150", "Tidemark-Wait", "20s")
		if err != nil || a.Status != 200 {
			t.Errorf("a wait that a heartbeat ends: %d, %v", a.Status, err)
		}
	}()
	at(beats, "quiet", "heartbeat", beat, 200)
	<-done
	read(200, "5s")
	// A table without any event of its own has nothing to wait for either.
	p.Expect(t, 200, "GET", "/v1/tables/heartbeat/rows", "", "Tidemark-Min-Source", "lsn=150", "Tidemark-Wait", "5s")
}

// TestReadYourOwnWriteOnAQuietPostgresTable follows the recipe of the documentation.
func TestReadYourOwnWriteOnAQuietPostgresTable(t *testing.T) {
	stack.NeedReal(t)
	t.Parallel()
	kafka, db := stack.KafkaFor(t, stack.Options{}), stack.PostgresFor(t, stack.Options{})
	worker := stack.ConnectFor(t, kafka.Addr, stack.Options{})
	if err := db.Exec(t.Context(), `CREATE TABLE notes (id int PRIMARY KEY, text text);
		CREATE TABLE heartbeat (id int PRIMARY KEY, at timestamptz)`); err != nil {
		t.Fatal(err)
	}
	config := db.Debezium("quiet", "public.notes", "public.heartbeat")
	plain(config)
	config["heartbeat.interval.ms"] = "200"
	config["heartbeat.action.query"] = "INSERT INTO heartbeat VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET at = excluded.at"
	if err := worker.Create(t.Context(), "quiet", config); err != nil {
		t.Fatal(err)
	}
	if err := worker.WaitConnector(t.Context(), "quiet", db, stack.Slot("quiet")); err != nil {
		t.Fatal(err)
	}
	cluster := harness.Connect(t, []string{kafka.Addr})
	awaitTopics(t, cluster, "quiet.public.heartbeat")
	ensureTopic(t, cluster, "quiet.public.notes")
	p := harness.Start(t, cluster, harness.Config{Tables: quietTables("quiet.public")})
	conn, err := pgx.Connect(t.Context(), db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for i := range writes(t) {
		want := fmt.Sprint("note ", i)
		if _, err := conn.Exec(t.Context(), "INSERT INTO notes VALUES ($1, $2)", i, want); err != nil {
			t.Fatal(err)
		}
		var lsn string
		if err := conn.QueryRow(t.Context(), "SELECT pg_current_wal_insert_lsn()::text").Scan(&lsn); err != nil {
			t.Fatal(err)
		}
		readOwn(t, p, "lsn="+lsn, i, want)
	}
}

// TestReadYourOwnWriteOnAQuietMariaDBTable follows the recipe of the documentation.
func TestReadYourOwnWriteOnAQuietMariaDBTable(t *testing.T) {
	stack.NeedReal(t)
	t.Parallel()
	kafka, db := stack.KafkaFor(t, stack.Options{}), stack.MariaDBFor(t, stack.Options{})
	worker := stack.ConnectFor(t, kafka.Addr, stack.Options{Plugins: []string{"debezium-mariadb"}})
	if err := db.Exec(t.Context(), `CREATE TABLE notes (id int PRIMARY KEY, text text);
CREATE TABLE heartbeat (id int PRIMARY KEY, at timestamp(6))`); err != nil {
		t.Fatal(err)
	}
	config := db.Debezium("quiet", kafka.Addr, 301, "shop.notes", "shop.heartbeat")
	plain(config)
	config["heartbeat.interval.ms"] = "200"
	config["connect.keep.alive.interval.ms"] = "1000" // the server sends a sign of life after 0.8 of it, and the connector its heartbeat then
	config["heartbeat.action.query"] = "REPLACE INTO shop.heartbeat VALUES (1, now(6))"
	if err := worker.Create(t.Context(), "quiet", config); err != nil {
		t.Fatal(err)
	}
	if err := worker.WaitRunning(t.Context(), "quiet"); err != nil {
		t.Fatal(err)
	}
	cluster := harness.Connect(t, []string{kafka.Addr})
	awaitTopics(t, cluster, "quiet.shop.heartbeat")
	ensureTopic(t, cluster, "quiet.shop.notes")
	p := harness.Start(t, cluster, harness.Config{Tables: quietTables("quiet.shop")})
	conn, err := db.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for i := range writes(t) {
		want := fmt.Sprint("note ", i)
		if _, err := conn.ExecContext(t.Context(), "INSERT INTO notes VALUES (?, ?)", i, want); err != nil {
			t.Fatal(err)
		}
		var file string
		var pos int64
		var do, ignore string
		if err := conn.QueryRowContext(t.Context(), "SHOW MASTER STATUS").Scan(&file, &pos, &do, &ignore); err != nil {
			t.Fatal(err)
		}
		readOwn(t, p, fmt.Sprintf("file=%s,pos=%d", file, pos), i, want)
	}
}

// plain lets a connector write JSON without schemas.
func plain(config map[string]string) {
	for _, side := range []string{"key", "value"} {
		config[side+".converter"] = "org.apache.kafka.connect.json.JsonConverter"
		config[side+".converter.schemas.enable"] = "false"
	}
}

// awaitTopics waits until a connector has made a topic.
func awaitTopics(t *testing.T, c *harness.Cluster, name string) {
	t.Helper()
	harness.Poll(t, time.Minute, "topic "+name+" there", func() bool {
		topics, err := c.Admin().ListTopics(t.Context(), name)
		return err == nil && topics.Has(name) && topics[name].Err == nil
	})
}

// ensureTopic makes the topic of a table that has no rows yet, of which the connector has written nothing.
func ensureTopic(t *testing.T, c *harness.Cluster, name string) {
	t.Helper()
	if err := c.Create(name, 1, nil); err != nil {
		t.Fatal(err)
	}
}
