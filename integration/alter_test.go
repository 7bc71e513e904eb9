package integration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// alterWithin bounds everything that waits for a connector.
const alterWithin = 3 * time.Minute

// altering is a database whose tables are altered under two connectors, and one process that reads both.
type altering struct {
	db      *stack.Postgres
	worker  *stack.Connect
	cluster *harness.Cluster
	p       *harness.Process
	tables  []*alteredTable
}

// alteredTable is one table of the process: an alteration, read with schemas or without.
type alteredTable struct {
	*alteration
	want   outcome // what is expected in this form
	table  string  // its name in the process
	prefix string  // of its connector
}

const (
	withSchemas = "altered" // prefixes of the connectors' topics
	bare        = "bare"
)

// TestAlteredTables alters each table of a list while processors read it: what readers see, and who is
// told. All tables are altered in one run, since servers take longer to start than that.
func TestAlteredTables(t *testing.T) {
	s := openAltering(t)
	s.settled(t, "loaded", func(a *alteredTable) string { return a.loaded(t, s.p) })
	for _, a := range alterations {
		s.exec(t, &a, a.alter)
	}
	s.settled(t, "altered", func(a *alteredTable) string { return a.differs(s.p) })
	s.p.Get(t, "/readyz")
	told := s.told(t, s.tables)
	for _, a := range s.tables {
		t.Run(a.table, func(t *testing.T) { a.expect(t, told[a.table]) })
	}
}

func openAltering(t *testing.T) *altering {
	t.Helper()
	stack.NeedReal(t)
	kafka := stack.KafkaFor(t, stack.Options{})
	s := &altering{db: stack.PostgresFor(t, stack.Options{}), worker: stack.ConnectFor(t, kafka.Addr, stack.Options{HeapMB: 768})}
	s.cluster = harness.Connect(t, []string{kafka.Addr})
	for i := range alterations {
		a := &alterations[i]
		s.exec(t, a, a.create)
		s.tables = append(s.tables, &alteredTable{alteration: a, want: a.want, table: a.name, prefix: withSchemas})
		if a.bare != nil {
			s.tables = append(s.tables, &alteredTable{alteration: a, want: *a.bare, table: a.name + "_bare", prefix: bare})
		}
	}
	for _, prefix := range []string{withSchemas, bare} {
		s.connect(t, prefix)
	}
	for _, a := range s.tables {
		awaitTopics(t, s.cluster, a.topic())
	}
	s.p = harness.Start(t, s.cluster, s.config())
	return s
}

// exec runs statements as a transaction each, as a migration and an application would.
func (s *altering) exec(t *testing.T, a *alteration, sql string) {
	t.Helper()
	for statement := range strings.SplitSeq(strings.ReplaceAll(sql, "{t}", a.name), ";") {
		if err := s.db.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// connect starts a connector, which takes a snapshot.
func (s *altering) connect(t *testing.T, prefix string) {
	t.Helper()
	var names []string
	for _, a := range s.tables {
		if a.prefix == prefix {
			names = append(names, "public."+a.name)
		}
	}
	config := s.db.Debezium(prefix, names...)
	config["topic.creation.default.partitions"] = "2"
	if prefix == bare {
		plain(config)
	}
	config["value.converter.replace.null.with.default"] = "false"
	if err := s.worker.Create(t.Context(), prefix, config); err != nil {
		t.Fatal(err)
	}
	if err := s.worker.WaitConnector(t.Context(), prefix, s.db, stack.Slot(prefix)); err != nil {
		t.Fatal(err)
	}
}

func (s *altering) config() harness.Config {
	var c harness.Config
	for _, a := range s.tables {
		d := &a.declared
		c.Tables = append(c.Tables, harness.Table(a.table, a.topic(), "debezium-json", strings.Fields(d.key), d.parsed()...))
	}
	return c
}

// settled waits until nothing differs in any table.
func (s *altering) settled(t *testing.T, what string, differs func(*alteredTable) string) {
	t.Helper()
	began := time.Now()
	open := s.tables
	for len(open) > 0 && time.Since(began) < alterWithin {
		var left []*alteredTable
		for _, a := range open {
			if differs(a) != "" {
				left = append(left, a)
			}
		}
		open = left
		for _, prefix := range []string{withSchemas, bare} {
			if err := s.worker.Failed(t.Context(), prefix); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, a := range open {
		t.Errorf("%s is not %s: %s", a.table, what, differs(a))
	}
	t.Logf("%d tables are %s after %s", len(s.tables), what, time.Since(began).Round(time.Millisecond))
}

// each calls f for the tables, a few at a time.
func each(tables []*alteredTable, f func(*alteredTable) error) error {
	var g errgroup.Group
	g.SetLimit(4)
	for _, a := range tables {
		g.Go(func() error {
			if err := f(a); err != nil {
				return fmt.Errorf("%s: %w", a.table, err)
			}
			return nil
		})
	}
	return g.Wait()
}
