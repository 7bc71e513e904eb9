package sources

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// feed is one table of PostgreSQL behind a connector of its own.
type feed struct {
	*servers
	name     string // of the connector, of the topics' prefix and of the table in the view
	table    string // at the source
	settings Settings
	columns  []column
	more     map[string]string // of the connector's configuration
}

func (f feed) topic() string { return f.name + ".public." + f.table }

// config is the connector's.
func (f feed) config() map[string]string {
	c := f.settings.apply(f.postgres.Debezium(f.name, "public."+f.table))
	maps.Copy(c, f.more)
	return c
}

// follow creates the connector and waits until it follows the log; its snapshot, of so many rows, is over then.
func (f feed) follow(t *testing.T, rows int64) {
	t.Helper()
	f.connect(t, f.name, f.config())
	if err := f.worker.WaitConnector(bounded(t), f.name, f.postgres, stack.Slot(f.name)); err != nil {
		t.Fatal(err)
	}
	f.waitRecords(t, f.name, f.topic(), rows)
}

// view is a running process with the table.
func (f feed) view(t *testing.T) *harness.Process {
	t.Helper()
	return harness.Start(t, f.cluster, harness.Config{Tables: []harness.M{
		table(f.name, f.topic(), f.settings, []string{f.columns[0].name}, f.columns),
	}})
}

// differs waits until the view differs from the database in what is given and in nothing else.
func (f feed) differs(t *testing.T, p *harness.Process, want ...difference) {
	t.Helper()
	f.differsAs(t, p, func([][][]byte) []difference { return want })
}

// differsAs is differs where only the topic says what differs from rows of the database.
func (f feed) differsAs(t *testing.T, p *harness.Process, expected func(rows [][][]byte) []difference) {
	t.Helper()
	rows := f.selectPostgres(t, f.table, f.settings, f.columns)
	deadline := time.Now().Add(within)
	for {
		view, err := p.Page(f.name, "")
		if err != nil {
			t.Fatal(err)
		}
		got, want := differences(t, f.settings, f.columns, rows, view), expected(rows)
		if sameDifferences(got, want) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s differs from the database in %v, want %v; dead letters: %s",
				f.name, got, want, strings.Join(f.deadLetters(t, f.name), "\n"))
		}
	}
	if deadLetters := f.deadLetters(t, f.name); len(deadLetters) > 0 {
		t.Errorf("%s has dead letters: %s", f.name, strings.Join(deadLetters, "\n"))
	}
}

func sameDifferences(got, want []difference) bool {
	left := map[difference]bool{}
	for _, d := range want {
		left[d] = true
	}
	for _, d := range got {
		if !left[d] {
			return false
		}
		delete(left, d)
	}
	return len(left) == 0
}
