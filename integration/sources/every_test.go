package sources

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	_ "embed"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

var (
	//go:embed every_postgres_setup.sql
	everyPostgresSetup string
	//go:embed every_postgres.sql
	everyPostgres string
	//go:embed every_mariadb.sql
	everyMariaDB string
)

// everyDatabase is the name of the databases of this part alone: without --topic, init takes all of their tables.
const everyDatabase = "every"

// every is a database of tables that have every type.
type every struct {
	name      string
	address   string // for init and verify
	schema    string
	tables    []string // as the database quotes them
	statement string   // makes a table and its rows
	columns   int      // of each table that are in its events
	exec      func(t *testing.T, sql string)
	connect   func(t *testing.T, name string, settings Settings)
	settings  []Settings // with schemas, and without
}

// everyTest proposes tables from the catalogues of two databases. What init writes is checked, run and verified
// as it is.
func everyTest(t *testing.T, s *servers) {
	for _, e := range []every{everyOfPostgres(s), everyOfMariaDB(s)} {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			e.make(t)
			for _, one := range e.settings {
				e.connect(t, e.name+"-"+one.Name, one)
			}
			for _, one := range e.settings {
				t.Run(one.Name, func(t *testing.T) { e.follow(t, s, e.name+"-"+one.Name) })
			}
		})
	}
}

// tablesOfEvery are 30, one of which has no values when init reads it, and one a name that no topic can have.
func tablesOfEvery(schema, odd string) (out []string) {
	for i := range 28 {
		out = append(out, fmt.Sprintf("%s.every_%02d", schema, i+1))
	}
	return append(out, schema+".silent", odd)
}

func everyOfPostgres(s *servers) every {
	address := strings.Replace(s.postgres.DSN, "/postgres?", "/"+everyDatabase+"?", 1)
	database := *s.postgres
	database.DSN = address
	return every{
		name: "postgres", address: address, schema: "public", tables: tablesOfEvery("public", `crm."Every Ü"`), statement: everyPostgres, columns: 74,
		exec: func(t *testing.T, sql string) {
			t.Helper()
			if strings.HasPrefix(sql, "CREATE DATABASE") {
				s.execPostgres(t, sql)
				sql = everyPostgresSetup
			}
			if err := database.Exec(bounded(t), sql); err != nil {
				t.Fatal(err)
			}
		},
		connect: func(t *testing.T, name string, settings Settings) {
			t.Helper()
			c := settings.apply(s.postgres.Debezium(name, "public.*", "crm.*"))
			c["database.dbname"] = everyDatabase
			s.connectEvery(t, name, c)
			if err := s.worker.WaitConnector(bounded(t), name, s.postgres, stack.Slot(name)); err != nil {
				t.Fatal(err)
			}
		},
		settings: []Settings{
			{Name: "without-schemas", KeepNull: true, Time: "microseconds", Decimal: "string", Binary: "hex", Interval: "string", HStore: "map"},
			{Name: "with-schemas", Schemas: true, KeepNull: true},
		},
	}
}

func everyOfMariaDB(s *servers) every {
	id := 400
	return every{
		name: "mariadb", address: "mysql://tidemark:tidemark@" + s.mariadb.Addr + "/" + everyDatabase, schema: everyDatabase,
		tables: tablesOfEvery(everyDatabase, everyDatabase+".`Every Ü`"), statement: everyMariaDB, columns: 57,
		exec: func(t *testing.T, sql string) { t.Helper(); s.execMariaDB(t, sql) },
		connect: func(t *testing.T, name string, settings Settings) {
			t.Helper()
			id++
			c := settings.apply(s.mariadb.Debezium(name, s.kafka, id, everyDatabase+".*"))
			c["database.include.list"] = everyDatabase
			s.connectEvery(t, name, c)
			if err := s.worker.WaitRunning(bounded(t), name); err != nil {
				t.Fatal(err)
			}
		},
		settings: []Settings{
			{Name: "without-schemas", KeepNull: true},
			{Name: "with-schemas", Schemas: true, KeepNull: true, Unsigned: "precise"},
		},
	}
}

// connectEvery creates a connector whose keys have no schemas, as the documentation recommends.
func (s *servers) connectEvery(t *testing.T, name string, config map[string]string) {
	t.Helper()
	maps.Copy(config, map[string]string{"topic.creation.default.partitions": "1", "skipped.operations": "none", "key.converter.schemas.enable": "false"})
	s.connect(t, name, config)
}

// make makes the database and its tables.
func (e *every) make(t *testing.T) {
	t.Helper()
	e.exec(t, "CREATE DATABASE "+everyDatabase)
	for _, table := range e.tables {
		sql := strings.ReplaceAll(e.statement, "<table>", table)
		if strings.HasSuffix(table, ".silent") { // nothing but nulls
			create, rows, _ := strings.Cut(sql, "INSERT INTO")
			sql = create + rows[strings.LastIndex(rows, "INSERT INTO"):]
		}
		e.exec(t, sql)
	}
}

// follow proposes, checks, runs and verifies the tables behind a connector.
func (e *every) follow(t *testing.T, s *servers, name string) {
	for _, table := range e.tables {
		rows := int64(13)
		if strings.HasSuffix(table, ".silent") {
			rows = 1
		}
		topic := strings.NewReplacer("`", "", `"`, "", " ", "_", "Ü", "_").Replace(table)
		s.waitRecords(t, name, name+"."+topic, rows)
	}
	none := harness.Table("any", "any", "upsert-json", []string{"id"}, harness.Col("id", "int64")) // the connection is what counts
	p := harness.New(t, s.cluster, harness.Config{Tables: []harness.M{none}})
	if _, talk, code := p.Execute("init", "--source", e.address, "--topic", name+".*", "--out", "tables"); code != 0 || strings.Contains(talk, "no topic here") || strings.Contains(talk, "does not fit") {
		t.Fatalf("init: exit code %d: %s", code, talk)
	}
	e.configure(p, s, name, "*.yaml")
	if _, talk, code := p.Execute("check"); code != 0 || !strings.Contains(talk, "30 files") {
		t.Fatalf("check: exit code %d: %s", code, talk)
	}
	e.configure(p, s, name, "every_0[1-5].yaml", "every__.yaml", "silent.yaml") // a process of all would take minutes to make its topics
	p.Start()
	p.WaitReady()
	e.change(t)
	for _, table := range []string{"every_01", "every_02", "every_03", "every_04", "every_05", "every__", "silent"} {
		e.verify(t, p, table)
	}
}

// configure includes files of the tables as they are.
func (e *every) configure(p *harness.Process, s *servers, name string, files ...string) {
	for i, f := range files {
		files[i] = "tables/" + f
	}
	p.Reconfigure(harness.Config{Extra: harness.M{
		"include": files,
		"kafka":   harness.M{"brokers": s.cluster.Addrs, "topic_prefix": s.cluster.Prefix + name + "-", "replication_factor": 1}, // the tables of others have the same names
	}})
}

// change gives the table without values its rows, and changes those of another one.
func (e *every) change(t *testing.T) {
	t.Helper()
	first, silent := e.tables[0], e.schema+".silent"
	_, rows, _ := strings.Cut(e.statement, "INSERT INTO")
	rows = "INSERT INTO" + rows[:strings.LastIndex(rows, "INSERT INTO")]
	e.exec(t, fmt.Sprintf("DELETE FROM %s WHERE id < 100; UPDATE %s SET c_text = 'changed' WHERE id = 1; DELETE FROM %s WHERE id = 2; %s",
		silent, first, first, strings.ReplaceAll(rows, "<table>", silent)))
}

// verify wants each row and each column of a table to be equal.
func (e *every) verify(t *testing.T, p *harness.Process, table string) {
	t.Helper()
	out, talk, code := p.Execute("verify", table, "--source", e.address, "-o", "json", "--settle", "1s")
	var v struct {
		Rows     int
		Compared []string
		Columns  json.RawMessage
		Skipped  json.RawMessage
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != 0 || len(v.Compared) != e.columns || v.Rows == 0 {
		t.Errorf("verify %s: exit code %d (%v), %d columns, want %d: %s %s %s", table, code, err, len(v.Compared), e.columns, talk, v.Columns, v.Skipped)
	}
}
