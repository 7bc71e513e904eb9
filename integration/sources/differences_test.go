package sources

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/integration/harness"
)

var update = flag.Bool("update", false, "write the differences that there are to testdata")

// difference is where a view says something else than SELECT.
type difference struct {
	row, column, view, database string
}

// differences compares a view with the database, row by row and column by column. The first column is the key.
func differences(t *testing.T, s Settings, columns []column, rows [][][]byte, view []harness.Row) []difference {
	t.Helper()
	answers := map[string]harness.Row{}
	for _, r := range view {
		answers[fmt.Sprint(r[columns[0].name])] = r
	}
	var out []difference
	for _, row := range rows {
		id := string(row[0])
		answer, there := answers[id]
		delete(answers, id)
		if !there {
			out = append(out, difference{id, "row", "none", "there"})
			continue
		}
		for i, c := range columns {
			want, err := c.wanted(s, row[i])
			if err != nil {
				t.Fatalf("row %s, %s: %v", id, c.name, err)
			}
			got, err := c.answered(s, answer[c.name])
			if err != nil {
				t.Fatalf("row %s, %s: %v", id, c.name, err)
			}
			if got != want {
				out = append(out, difference{id, c.name, got, want})
			}
		}
	}
	for id := range answers {
		out = append(out, difference{id, "row", "there", "none"})
	}
	return out
}

// found gathers the differences of several views.
type found map[difference][]string

func (f found) add(name string, ds []difference) {
	for _, d := range ds {
		f[d] = append(f[d], name)
	}
}

// text is a line a difference, under the reason that explains it.
func (f found) text(reasons []reason, views []Settings) string {
	sections := map[string][]string{}
	for d, names := range f {
		sort.Strings(names)
		where := strings.Join(names, " ")
		if len(names) == len(views) {
			where = "all"
		}
		var its []Settings
		for _, s := range views {
			if slices.Contains(names, s.Name) {
				its = append(its, s)
			}
		}
		line := fmt.Sprintf("%s.%s: %s, SELECT %s [%s]", d.row, d.column, short(d.view), short(d.database), where)
		title := explain(reasons, d, its)
		sections[title] = append(sections[title], line)
	}
	var out strings.Builder
	titles := make([]string, 0, len(sections))
	for title := range sections {
		titles = append(titles, title)
	}
	sort.Strings(titles)
	for _, title := range titles {
		sort.Strings(sections[title])
		fmt.Fprintf(&out, "# %s\n%s\n\n", title, strings.Join(sections[title], "\n"))
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func short(s string) string {
	s = strings.ReplaceAll(s, "\n", `\n`)
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return s
}

// reason explains differences: those of its columns, in views of no other settings than its own. What else it says
// of them must hold, too.
type reason struct {
	title    string
	columns  string // their names, and * at the end for a prefix
	only     func(Settings) bool
	view     string
	database string
}

const unexplained = "unexplained"

func explain(reasons []reason, d difference, views []Settings) string {
	for _, r := range reasons {
		if r.fits(d) && (r.only == nil || !slices.ContainsFunc(views, func(s Settings) bool { return !r.only(s) })) {
			return r.title
		}
	}
	return unexplained
}

func (r reason) fits(d difference) bool {
	named := slices.ContainsFunc(strings.Fields(r.columns), func(name string) bool {
		prefix, open := strings.CutSuffix(name, "*")
		return name == d.column || open && strings.HasPrefix(d.column, prefix)
	})
	return named && (r.view == "" || r.view == d.view) && (r.database == "" || r.database == d.database)
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("the differences between views and database are others than %s names (-named +there):\n%s", path, d)
	}
	if strings.Contains(got, "# "+unexplained+"\n") {
		t.Errorf("%s has differences that nothing explains", path)
	}
}
