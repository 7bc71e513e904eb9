package integration

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// alterWithin bounds everything that waits for a connector.
const alterWithin = 3 * time.Minute

// altering is a database whose tables are altered under connectors, and one process that reads all of them.
type altering struct {
	db        *stack.Postgres
	worker    *stack.Connect
	cluster   *harness.Cluster
	p         *harness.Process
	tables    []*alteredTable
	connected map[string]string // names of the connectors by their prefixes
}

// alteredTable is one table of the process: an alteration, read with schemas or without.
type alteredTable struct {
	*alteration
	want     outcome // what is expected in this form
	back     wayBack // and what is done about it
	declared declaration
	table    string // its name in the process
	prefix   string // of its connector
	from     string // its topic
}

// TestAlteredTables alters each table of a list while processors read it: what readers see, what is reported, and
// that the way back makes it right again. All tables are altered in one run, since servers take longer to start
// than that.
func TestAlteredTables(t *testing.T) {
	s := openAltering(t)
	s.settled(t, s.tables, "loaded", func(a *alteredTable) error { return a.loaded(s.p) })
	altered := time.Now()
	for _, a := range alterations {
		if !a.slotLost {
			s.exec(t, &a, a.alter)
		}
	}
	s.loseSlot(t)
	s.settled(t, s.tables, "altered", func(a *alteredTable) error { return a.differs(s.p) })
	s.p.Get(t, "/readyz")
	observe := s.observe(t)
	for _, a := range s.tables {
		t.Run(a.table, func(t *testing.T) { a.expect(t, observe[a.table]) })
	}
	t.Run("way back", func(t *testing.T) { s.goBack(t, altered) })
}

func openAltering(t *testing.T) *altering {
	t.Helper()
	stack.NeedReal(t)
	kafka := stack.KafkaFor(t, stack.Options{})
	s := &altering{
		db: stack.PostgresFor(t, stack.Options{}), worker: stack.ConnectFor(t, kafka.Addr, stack.Options{HeapMB: 768}),
		cluster: harness.Connect(t, []string{kafka.Addr}), connected: map[string]string{},
	}
	for i := range alterations {
		a := &alterations[i]
		s.exec(t, a, a.create)
		s.add(a, a.name, withSchemas, a.want, a.back)
		if a.bare != nil {
			back := a.back
			if a.bareBack != nil {
				back = *a.bareBack
			}
			s.add(a, a.name+"_bare", bare, *a.bare, back)
		}
	}
	for _, prefix := range connectors {
		if err := s.db.Exec(t.Context(), fmt.Sprintf("CREATE TABLE %s (id text PRIMARY KEY, type text, data text)", signals(prefix))); err != nil {
			t.Fatal(err)
		}
		s.connect(t, prefix, prefix, "")
	}
	s.awaitConnectors(t)
	for _, a := range s.tables {
		awaitTopics(t, s.cluster, a.from)
	}
	s.p = harness.Start(t, s.cluster, s.config())
	return s
}

func (s *altering) add(a *alteration, table, prefix string, want outcome, back wayBack) {
	if a.slotLost {
		prefix = lost
	}
	one := &alteredTable{alteration: a, want: want, back: back, declared: a.declared, table: table, prefix: prefix}
	one.from = one.topic(a.name)
	s.tables = append(s.tables, one)
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

func (s *altering) config() harness.Config {
	var c harness.Config
	for _, a := range s.tables {
		c.Tables = append(c.Tables, harness.Table(a.table, a.from, "debezium-json", strings.Fields(a.declared.key), a.declared.parsed()...))
	}
	return c
}

// settled waits until no table differs.
func (s *altering) settled(t *testing.T, tables []*alteredTable, what string, differs func(*alteredTable) error) {
	t.Helper()
	began := time.Now()
	open := tables
	var last map[*alteredTable]error
	for len(open) > 0 && time.Since(began) < alterWithin {
		last = s.differing(open, differs)
		open = slices.Collect(maps.Keys(last))
		for _, name := range s.connected {
			if err := s.worker.Failed(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for a, err := range last {
		t.Errorf("%s is not %s: %v", a.table, what, err)
	}
	t.Logf("%d tables are %s after %s", len(tables)-len(last), what, time.Since(began).Round(time.Millisecond))
}

// differing returns the tables that differ, and how.
func (s *altering) differing(tables []*alteredTable, differs func(*alteredTable) error) map[*alteredTable]error {
	var mu sync.Mutex
	out := map[*alteredTable]error{}
	_ = each(tables, func(a *alteredTable) error {
		if err := differs(a); err != nil {
			mu.Lock()
			defer mu.Unlock()
			out[a] = err
		}
		return nil
	})
	return out
}

// each calls f for the tables, a few at a time.
func each(tables []*alteredTable, f func(*alteredTable) error) error {
	var g errgroup.Group
	g.SetLimit(4)
	errs := make([]error, len(tables))
	for i, a := range tables {
		g.Go(func() error {
			if err := f(a); err != nil {
				errs[i] = fmt.Errorf("%s: %w", a.table, err)
			}
			return nil
		})
	}
	return errors.Join(g.Wait(), errors.Join(errs...))
}
