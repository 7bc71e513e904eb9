package integration

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/integration/harness"
)

// alteration is one change of a table's schema, and all that is to be said of it. {t} in SQL is the table.
type alteration struct {
	name     string
	create   string // with the rows of the first snapshot
	declared declaration
	first    int // rows of the first snapshot
	alter    string
	slotLost bool // it is altered while the connector's replication slot is lost
	want     outcome
	back     wayBack
	bare     *outcome // without schemas; nil where it is not read so
	bareBack *wayBack // nil: as with schemas
}

// declaration is a table's key, and its columns: "name type [encoding] [path=a,b]; ...".
type declaration struct{ key, columns string }

// outcome is what comes of an alteration while the table runs on.
type outcome struct {
	rows        string // as JSON
	deadLetters int
	reasons     string // at /readyz and /v1/tables
	problems    string // of check, all of them
	notes       string // of check, some of them
	verify      int    // its exit code
}

// heard is who says what of a table.
type heard struct {
	Rows              []row
	DeadLetters       int
	State             string
	Reasons, Problems []string
	Notes             []string
	Verify            int
	Said              string // by verify
	Drifts            bool   // counted in the metrics
}

// topic is that of a table of the database.
func (a *alteredTable) topic(source string) string { return a.prefix + ".public." + source }

func (d *declaration) parsed() []m {
	var out []m
	for text := range strings.SplitSeq(d.columns, ";") {
		words := strings.Fields(text)
		c := harness.Col(words[0], words[1])
		for _, w := range words[2:] {
			if path, is := strings.CutPrefix(w, "path="); is {
				c["path"] = strings.Split(path, ",")
			} else {
				c["encoding"] = w
			}
		}
		out = append(out, c)
	}
	return out
}

// health is a table as /v1/tables reports it.
type health struct {
	Name        string
	State       string
	Reasons     []string
	Details     map[string]string
	DeadLetters int `json:"dead_letters"`
	Rows        int
	Generation  struct{ Build m }
}

func healthOf(p *harness.Process, path, table string) (h health, err error) {
	answer, err := p.Do("GET", path, "")
	if err != nil {
		return h, err
	}
	var all struct{ Tables []health }
	if err := harness.Decode(answer.Body, &all); err != nil {
		return h, fmt.Errorf("%s: %w", path, err)
	}
	for _, h := range all.Tables {
		if h.Name == table {
			return h, nil
		}
	}
	return h, fmt.Errorf("%s has no table %s: %s", path, table, answer.Body)
}

// loaded says what is missing of the first snapshot.
func (a *alteredTable) loaded(p *harness.Process) error {
	h, err := healthOf(p, "/readyz", a.table)
	if err == nil && h.Rows+h.DeadLetters != a.first {
		err = fmt.Errorf("%+v, want %d rows or dead letters", h, a.first)
	}
	return err
}

// differs says how rows and dead letters are others than the wanted ones.
func (a *alteredTable) differs(p *harness.Process) error {
	got, err := p.Page(a.table, "")
	if err != nil {
		return err
	}
	var want []row
	if err := harness.Decode([]byte(a.want.rows), &want); err != nil {
		return err
	}
	d := harness.Differences(want, got, strings.Fields(a.declared.key)...)
	h, err := healthOf(p, "/readyz", a.table)
	if err != nil || h.DeadLetters != a.want.deadLetters {
		d += fmt.Sprintf("%d dead letters, want %d (%v)", h.DeadLetters, a.want.deadLetters, err)
	}
	if d != "" {
		return errors.New(d)
	}
	return nil
}

// passing are reasons that depend on the machine and on the time.
var passing = []string{"building", "batch-overdue", "disk-nearly-full", "source-silent"}

// lasting are the reasons that depend on the table.
func lasting(reasons []string) []string {
	return slices.DeleteFunc(reasons, func(r string) bool { return slices.Contains(passing, r) })
}

type finding struct{ Level, Subject, What, Finding string }

func (s *altering) check(t *testing.T) (out []finding) {
	t.Helper()
	answer, _ := s.p.Command("check", "-o", "json")
	if err := harness.Decode(answer, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// observe asks everything that may have something to report.
func (s *altering) observe(t *testing.T) map[string]heard {
	t.Helper()
	tables, findings := s.tables, s.check(t)
	metrics := string(s.p.Get(t, "/metrics").Body)
	all := make([]heard, len(tables))
	err := each(tables, func(a *alteredTable) error {
		one := &all[slices.Index(tables, a)]
		for _, f := range findings {
			switch {
			case f.Subject != a.table:
			case f.Level == "problem":
				one.Problems = append(one.Problems, f.Finding)
			default:
				one.Notes = append(one.Notes, f.Finding)
			}
		}
		h, err := healthOf(s.p, "/readyz", a.table)
		if err != nil {
			return err
		}
		one.State, one.DeadLetters = h.State, h.DeadLetters
		one.Reasons = lasting(h.Reasons)
		one.Drifts = !strings.Contains(metrics, fmt.Sprintf("tidemark_processor_schema_changes_total{table=%q} 0\n", a.table))
		one.Verify, one.Said = s.verify(a)
		one.Rows, err = s.p.Page(a.table, "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]heard{}
	for i, a := range tables {
		out[a.table] = all[i]
	}
	return out
}

func (s *altering) verify(a *alteredTable) (code int, said string) {
	out, talk, code := s.p.Execute("verify", a.table, "--source", s.db.DSN, "--settle", "500ms", "-o", "csv")
	return code, talk + out
}

// expect compares what was reported with what has to be.
func (a *alteredTable) expect(t *testing.T, got heard) {
	t.Helper()
	want := heard{Reasons: strings.Fields(a.want.reasons), Problems: strings.Fields(a.want.problems), Verify: a.want.verify}
	have := heard{Reasons: got.Reasons, Problems: slices.Compact(slices.Sorted(slices.Values(got.Problems))), Verify: got.Verify}
	for _, note := range strings.Fields(a.want.notes) {
		want.Notes = append(want.Notes, note)
		if slices.Contains(got.Notes, note) {
			have.Notes = append(have.Notes, note)
		}
	}
	slices.Sort(have.Reasons)
	if d := cmp.Diff(want, have, cmp.Transformer("set", func(s []string) string { return strings.Join(s, " ") })); d != "" {
		t.Errorf("(-want +got):\n%s\n%+v", d, got)
	}
	drifts := slices.Contains(want.Reasons, "schema-drift")
	if got.Drifts != drifts {
		t.Errorf("schema changes are in the metrics: %v, want %v", got.Drifts, drifts)
	}
}
