package sources

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
)

var idAndText = parseColumns(`
id | int64 |
v | string |
`)

// A truncate comes once, into one of eight partitions, and empties the table.
func truncateTest(t *testing.T, s *servers) {
	for _, schemas := range []bool{false, true} {
		name := fmt.Sprintf("truncated_%v", schemas)
		f := feed{servers: s, name: name, table: name, settings: Settings{Schemas: schemas}, columns: idAndText,
			more: map[string]string{"skipped.operations": "none"}}
		s.execPostgres(t, fmt.Sprintf("CREATE TABLE %s (id int PRIMARY KEY, v text); INSERT INTO %s SELECT i, 'snapshot' FROM generate_series(1, 40) i", name, name))
		f.follow(t, 40)
		p := f.view(t)
		s.execPostgres(t, fmt.Sprintf("INSERT INTO %s SELECT i, 'streamed' FROM generate_series(41, 80) i", name))
		f.differs(t, p)
		s.execPostgres(t, fmt.Sprintf("TRUNCATE %s; INSERT INTO %s SELECT i, 'after' FROM generate_series(60, 90) i", name, name))
		f.differs(t, p)
		// In one transaction with what is around it.
		s.execPostgres(t, fmt.Sprintf("BEGIN; INSERT INTO %s VALUES (1, 'before'); TRUNCATE %s; INSERT INTO %s VALUES (2, 'behind'); COMMIT", name, name, name))
		f.differs(t, p)
	}
}

// Columns come, go, are renamed and widened while events flow. What ALTER TABLE itself does to rows has no event.
func evolutionTest(t *testing.T, s *servers) {
	f := feed{servers: s, name: "evolving", table: "evolving", settings: Settings{Schemas: true, KeepNull: true}, columns: parseColumns(`
id | int64 |
a | int64 |
b | string |
bb | string |
c | decimal(10,2) |
`)}
	s.execPostgres(t, "CREATE TABLE evolving (id int PRIMARY KEY, a int, b text); INSERT INTO evolving VALUES (1, 1, 'one'), (2, 2, 'two')")
	f.follow(t, 2)
	p := f.view(t)
	s.execPostgres(t, `ALTER TABLE evolving ADD COLUMN c numeric(10,2) DEFAULT 1.50`)
	s.execPostgres(t, `INSERT INTO evolving VALUES (3, 3, 'three', 3.25); UPDATE evolving SET a = 22 WHERE id = 2`)
	s.execPostgres(t, `ALTER TABLE evolving ALTER COLUMN a TYPE bigint`)
	s.execPostgres(t, `INSERT INTO evolving VALUES (4, 9007199254740993, 'four', NULL)`)
	s.execPostgres(t, `ALTER TABLE evolving RENAME COLUMN b TO bb`)
	s.execPostgres(t, `UPDATE evolving SET bb = 'FOUR' WHERE id = 4`)
	s.execPostgres(t, `ALTER TABLE evolving ADD COLUMN b text`)
	s.execPostgres(t, `INSERT INTO evolving VALUES (5, 5, 'five', 5.5, 'b')`)
	f.differs(t, p,
		difference{"1", "c", "null", "1.50"},                                      // the default of a new column
		difference{"1", "b", "one", "null"}, difference{"1", "bb", "null", "one"}, // the new name
		difference{"2", "b", "two", "null"}, difference{"2", "bb", "null", "two"},
		difference{"3", "b", "three", "null"}, difference{"3", "bb", "null", "three"},
	)
	s.execPostgres(t, `UPDATE evolving SET a = a`) // and now every row has an event
	f.differs(t, p)
}

// One topic takes all that a connector writes: rows, heartbeats, transactions, messages and rolled back ones.
func besideTest(t *testing.T, s *servers) {
	f := feed{servers: s, name: "beside", table: "beside", columns: idAndText, more: map[string]string{
		"heartbeat.interval.ms":                "100",
		"provide.transaction.metadata":         "true",
		"transforms":                           "route",
		"transforms.route.type":                "org.apache.kafka.connect.transforms.RegexRouter",
		"transforms.route.regex":               ".*",
		"transforms.route.replacement":         "beside.public.beside",
		"topic.creation.default.partitions":    "3",
		"logical.decoding.message.prefix.list": "note",
	}}
	delete(f.more, "logical.decoding.message.prefix.list")
	s.execPostgres(t, "CREATE TABLE beside (id int PRIMARY KEY, v text); INSERT INTO beside SELECT i, 'snapshot' FROM generate_series(1, 10) i")
	f.follow(t, 10)
	p := f.view(t)
	s.execPostgres(t, "BEGIN; INSERT INTO beside VALUES (11, 'x'), (12, 'y'); UPDATE beside SET v = 'z' WHERE id = 1; COMMIT")
	s.execPostgres(t, "BEGIN; INSERT INTO beside VALUES (13, 'never'); SELECT pg_logical_emit_message(false, 'note', 'rolled back'); ROLLBACK")
	s.execPostgres(t, "BEGIN; SELECT pg_logical_emit_message(true, 'note', 'hello'); DELETE FROM beside WHERE id = 2; COMMIT")
	f.differs(t, p)
	metrics := ""
	harness.Poll(t, within, "counted: heartbeats, transactions and messages", func() bool {
		metrics = string(p.Get(t, "/metrics").Body)
		for _, reason := range []string{"heartbeat", "transaction", "message"} {
			if !strings.Contains(metrics, `reason="`+reason+`"`) {
				return false
			}
		}
		return true
	})
}

// A connector that took no snapshot is asked for one, in chunks, while the rows change.
func incrementalTest(t *testing.T, s *servers) {
	f := feed{servers: s, name: "incremental", table: "incremental", columns: idAndText, more: map[string]string{
		"snapshot.mode": "no_data", "incremental.snapshot.chunk.size": "16",
		"signal.data.collection": "public.signals", "table.include.list": "public.incremental,public.signals",
	}}
	s.execPostgres(t, `CREATE TABLE incremental (id int PRIMARY KEY, v text); INSERT INTO incremental SELECT i, 'old' FROM generate_series(1, 200) i;
		CREATE TABLE signals (id text PRIMARY KEY, type text, data text)`)
	f.connect(t, f.name, f.config())
	if err := s.worker.WaitConnector(bounded(t), f.name, s.postgres, "dbz_incremental"); err != nil {
		t.Fatal(err)
	}
	s.execPostgres(t, `INSERT INTO incremental VALUES (201, 'new')`)
	f.waitRecords(t, f.name, f.topic(), 1)
	p := f.view(t)
	s.execPostgres(t, `INSERT INTO signals VALUES ('s1', 'execute-snapshot', '{"data-collections": ["public.incremental"], "type": "incremental"}')`)
	for i := range 50 {
		s.execPostgres(t, fmt.Sprintf(`UPDATE incremental SET v = 'changed %d' WHERE id %% 50 = %d; DELETE FROM incremental WHERE id = %d; INSERT INTO incremental VALUES (%d, 'late')`,
			i, i, i*3+2, 300+i))
	}
	f.differsAs(t, p, func(rows [][][]byte) []difference { return f.overtaken(t, rows) })
}

// overtaken returns the rows of which the topic ends in an older value than the database's. PostgreSQL has a change in
// its log before others see it: a chunk that is read between the two holds the old row, and the connector puts
// it behind the change. No reader of the topic can distinguish it from a row that is right.
func (f feed) overtaken(t *testing.T, rows [][][]byte) (out []difference) {
	t.Helper()
	chunk := map[string]string{} // the newest value of a row, where a chunk has it
	for _, r := range f.cluster.ReadTopic(t, f.topic()) {
		var key struct{ ID json.Number }
		var value struct {
			After  struct{ V string }
			Source struct{ Snapshot string }
		}
		if err := json.Unmarshal(r.Key, &key); err != nil {
			t.Fatal(err)
		}
		delete(chunk, key.ID.String())
		if r.Value == nil {
			continue
		}
		if err := json.Unmarshal(r.Value, &value); err != nil {
			t.Fatal(err)
		}
		if value.Source.Snapshot == "incremental" {
			chunk[key.ID.String()] = value.After.V
		}
	}
	for _, row := range rows {
		if v, is := chunk[string(row[0])]; is && v != string(row[1]) {
			out = append(out, difference{string(row[0]), "v", v, string(row[1])})
		}
		delete(chunk, string(row[0]))
	}
	for id := range chunk {
		out = append(out, difference{id, "row", "there", "none"})
	}
	return out
}

// A second connector with the same topics takes a snapshot again. What was deleted between the two has no event.
func againTest(t *testing.T, s *servers) {
	f := feed{servers: s, name: "again", table: "again", columns: idAndText}
	s.execPostgres(t, "CREATE TABLE again (id int PRIMARY KEY, v text); INSERT INTO again SELECT i, 'first' FROM generate_series(1, 20) i")
	f.follow(t, 20)
	p := f.view(t)
	s.execPostgres(t, "UPDATE again SET v = 'streamed' WHERE id <= 5")
	f.differs(t, p)
	if err := s.worker.Delete(bounded(t), f.name); err != nil {
		t.Fatal(err)
	}
	before, err := s.records(t, f.topic())
	if err != nil {
		t.Fatal(err)
	}
	s.execPostgres(t, "DELETE FROM again WHERE id IN (3, 13); UPDATE again SET v = 'unseen' WHERE id = 4; UPDATE again SET id = 30 WHERE id = 14; INSERT INTO again VALUES (31, 'unseen')")
	second := f.config()
	second["slot.name"], second["publication.name"] = "dbz_again_2", "dbz_again_2"
	s.connect(t, "again-2", second)
	if err := s.worker.WaitConnector(bounded(t), "again-2", s.postgres, "dbz_again_2"); err != nil {
		t.Fatal(err)
	}
	s.waitRecords(t, "again-2", f.topic(), before+19)
	s.execPostgres(t, "UPDATE again SET v = 'streamed again' WHERE id = 5; DELETE FROM again WHERE id = 6")
	f.differs(t, p, difference{"3", "row", "there", "none"}, difference{"13", "row", "there", "none"}, difference{"14", "row", "there", "none"})
}
