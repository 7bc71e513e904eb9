package integration

import (
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
	want     outcome
	bare     *outcome // without schemas; nil where it is not read so
}

// declaration is a table's key, and its columns: "name type [encoding] [path=a,b]; ...".
type declaration struct{ key, columns string }

// outcome is what comes of an alteration while the table runs on.
type outcome struct {
	rows     string // as JSON
	letters  int
	reasons  string // at /readyz and /v1/tables
	problems string // of check, all of them
	notes    string // of check, some of them
	verify   int    // its exit code
}

// heard is who says what of a table.
type heard struct {
	Rows              []row
	Letters           int
	State             string
	Reasons, Problems []string
	Notes             []string
	Verify            int
	Said              string // by verify
	Drifts            bool   // counted in the metrics
}

func (a *alteredTable) topic() string { return a.prefix + ".public." + a.name }

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

// health is a table as /v1/tables tells it.
type health struct {
	Name        string
	State       string
	Reasons     []string
	Details     map[string]string
	DeadLetters int `json:"dead_letters"`
	Rows        int
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
func (a *alteredTable) loaded(t *testing.T, p *harness.Process) string {
	t.Helper()
	h, err := healthOf(p, "/readyz", a.table)
	if err != nil || h.Rows+h.DeadLetters != a.first {
		return fmt.Sprintf("%+v, want %d rows or dead letters (%v)", h, a.first, err)
	}
	return ""
}

// differs says how rows and dead letters are others than the wanted ones.
func (a *alteredTable) differs(p *harness.Process) string {
	got, err := p.Page(a.table, "")
	if err != nil {
		return err.Error()
	}
	var want []row
	if err := harness.Decode([]byte(a.want.rows), &want); err != nil {
		return err.Error()
	}
	d := harness.Differences(want, got, strings.Fields(a.declared.key)...)
	h, err := healthOf(p, "/readyz", a.table)
	if err != nil || h.DeadLetters != a.want.letters {
		d += fmt.Sprintf("%d dead letters, want %d (%v)", h.DeadLetters, a.want.letters, err)
	}
	return d
}

// passing are reasons that depend on the machine and on the time.
var passing = []string{"building", "batch-overdue", "disk-nearly-full", "source-silent"}

// told asks everybody who may have something to say.
func (s *altering) told(t *testing.T, tables []*alteredTable) map[string]heard {
	t.Helper()
	answer, _ := s.p.Command("check", "-o", "json")
	var findings []struct{ Level, Subject, What, Finding string }
	if err := harness.Decode(answer, &findings); err != nil {
		t.Fatal(err)
	}
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
		one.State, one.Letters = h.State, h.DeadLetters
		one.Reasons = slices.DeleteFunc(h.Reasons, func(r string) bool { return slices.Contains(passing, r) })
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

// expect compares what was told with what has to be.
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
