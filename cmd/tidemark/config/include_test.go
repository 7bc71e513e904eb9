package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// write makes files below a directory of the test's, and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func tableNamed(name string) string {
	return fmt.Sprintf("  - {name: %s, source: {topic: %s.src, format: upsert-json}, key: [id], columns: [{name: id, type: bigint}]}\n", name, name)
}

func including(list string) string {
	return "kafka: {brokers: ['localhost:9092']}\ninclude: " + list + "\n"
}

func TestIncludedFilesAreOneConfiguration(t *testing.T) {
	dir := write(t, map[string]string{
		"tidemark.yaml":         including("[./tables/*.yaml, 'tables/a*', more/one.yaml, '${HOST}?.yaml', 'deep/*/*.yaml']") + "check: {ignore: [{finding: no-schema, table: b}]}\ntables:\n" + tableNamed("main"),
		"tables/b.yaml":         "tables:\n" + tableNamed("b"),
		"tables/a.yaml":         "tables:\n" + tableNamed("a1") + tableNamed("a2"),
		"tables/.#a.yaml":       "what an editor left",
		"tables/README.md":      "no YAML: of these",
		"more/one.yaml":         "tables:\n" + tableNamed("one"),
		"more/two.yaml":         "tables:\n" + tableNamed("two"),
		"ab.yaml":               "tables:\n" + tableNamed("ab"),
		"deep/x/y.yaml":         "tables:\n" + tableNamed("y"),
		"deep/.git/z.yaml":      "not: read",
		"deep/too/deep/no.yaml": "not: read",
	})
	c := load(t, filepath.Join(dir, "tidemark.yaml"))
	if got := strings.Join(c.TableNames(), " "); got != "main a1 a2 b one ab y" {
		t.Errorf("the tables are %s", got)
	}
	var names []string
	for _, f := range c.Included {
		name, err := filepath.Rel(dir, f)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.ToSlash(name))
	}
	if want := []string{"tables/a.yaml", "tables/b.yaml", "more/one.yaml", "ab.yaml", "deep/x/y.yaml"}; !slices.Equal(names, want) {
		t.Errorf("included are %v", names)
	}
}

// Mounted configuration is often a link to a directory beside it.
func TestIncludedThroughLinksBelowTheDirectory(t *testing.T) {
	dir := write(t, map[string]string{"tidemark.yaml": including("[tables/*.yaml]"), "tables/..2026/a.yaml": "tables:\n" + tableNamed("a")})
	for _, l := range [][2]string{{"..2026", "tables/..data"}, {"..data/a.yaml", "tables/a.yaml"}} {
		if err := os.Symlink(l[0], filepath.Join(dir, l[1])); err != nil {
			t.Skip(err)
		}
	}
	if c := load(t, filepath.Join(dir, "tidemark.yaml")); len(c.Tables) != 1 {
		t.Errorf("%d tables", len(c.Tables))
	}
}

func TestWhatCannotBeIncluded(t *testing.T) {
	outside := write(t, map[string]string{"secret.yaml": "password: x"})
	for name, c := range map[string]struct {
		files map[string]string
		list  string
		want  []string // of the whole text
	}{
		"nothing matches":    {nil, "[tables/*.yaml, one.yaml]", []string{`tidemark.yaml:2:11: include[0]: "tables/*.yaml": it matches no file`, `tidemark.yaml:2:26: include[1]: "one.yaml": there is no such file`}},
		"only hidden files":  {map[string]string{"t/.a.yaml": "x: 1"}, "['t/*.yaml']", []string{"it matches no file"}},
		"absolute":           {nil, "[/etc/passwd]", []string{`include[0]: "/etc/passwd" is absolute`}},
		"escapes":            {nil, "[../*.yaml, 'a/../../b.yaml']", []string{`include[0]: "../*.yaml" leaves the directory`, `include[1]: "a/../../b.yaml" leaves`}},
		"a link that leaves": {map[string]string{"t/a.yaml": "tables:\n" + tableNamed("a")}, "['t/*.yaml', link.yaml]", []string{"include[0]: t/link.yaml: ", "include[1]", "escapes"}},
		"both stars":         {nil, "['t/**/*.yaml']", []string{"** is no pattern"}},
		"no pattern":         {nil, "['t/[a-']", []string{`"t/[a-" is no pattern`}},
		"no list":            {nil, "t/a.yaml", []string{`include: want a list, found "t/a.yaml"`}},
		"an empty list":      {nil, "[]", []string{"the list is empty: want files or patterns"}},
		"no text":            {nil, "[7, '', [a]]", []string{"include[0]: want text", "include[1]: want a file", "include[2]: want text"}},
		"itself":             {nil, "['*.yaml']", []string{"include[0]: tidemark.yaml: it is this file itself"}},
		"a directory":        {map[string]string{"t/u/a.yaml": "x: 1"}, "['t/*']", []string{"include[0]: t/u: it is no file"}},
		"too large":          {map[string]string{"t/a.yaml": strings.Repeat("# \n", 6<<20)}, "['t/a.yaml']", []string{"t/a.yaml: it has more than 16 MiB"}},
		"empty":              {map[string]string{"t/a.yaml": ""}, "['t/a.yaml']", []string{"t/a.yaml: the file is empty: tables are needed"}},
		"no YAML":            {map[string]string{"t/a.yaml": "\n{"}, "['t/a.yaml']", []string{"t/a.yaml:", "not YAML"}},
		"without tables":     {map[string]string{"t/a.yaml": "tabels: []"}, "['t/a.yaml']", []string{"t/a.yaml:1:1: tabels: unknown key; did you mean tables?", "t/a.yaml:1:1: tables is missing"}},
		"of the process": {map[string]string{"t/a.yaml": "kafka: {brokers: [x]}\nlimits: {scans: 1}\ntables:\n" + tableNamed("a")}, "['t/a.yaml']",
			[]string{"t/a.yaml:1:1: kafka: it is of the whole process, and belongs in", "t/a.yaml:2:1: limits: it is of the whole process"}},
		"nested":    {map[string]string{"t/a.yaml": "include: [b.yaml]\ntables:\n" + tableNamed("a")}, "['t/a.yaml']", []string{"t/a.yaml:1:1: include: an included file includes no others: name them in"}},
		"endpoints": {map[string]string{"t/a.yaml": "endpoints: []\ntables:\n" + tableNamed("a")}, "['t/a.yaml']", []string{"t/a.yaml:1:1: endpoints: this version does not support SQL endpoints"}},
		"a name in two files": {map[string]string{"t/a.yaml": "tables:\n" + tableNamed("a") + tableNamed("x"), "t/b.yaml": "tables:\n" + tableNamed("x") + tableNamed("y") + tableNamed("y")}, "['t/*.yaml']",
			[]string{"t/b.yaml:2:12: tables[0].name: a table x is declared in ", "t/a.yaml:3 already", "t/b.yaml:4:12: tables[2].name: a table y is declared in line 3 already"}},
		"faults of every file": {map[string]string{"t/a.yaml": "tables:\n  - {name: A}\n", "t/b.yaml": "tables:\n  - {name: B}\n"}, "['t/*.yaml', x]",
			[]string{`include[1]: "x"`, `t/a.yaml:2:12: tables[0].name: "A"`, `t/b.yaml:2:12: tables[0].name: "B"`}},
		"a source that is written": {map[string]string{"t/a.yaml": "tables:\n" + tableNamed("a"), "t/b.yaml": "tables:\n" + strings.Replace(tableNamed("b"), "b.src", "a-table", 1)}, "['t/*.yaml']",
			[]string{"t/b.yaml:2:", "a-table is a topic of the table a, which Tidemark writes itself"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, c.files)
			if strings.Contains(name, "link") {
				for _, at := range []string{"link.yaml", "t/link.yaml"} {
					if err := os.Symlink(filepath.Join(outside, "secret.yaml"), filepath.Join(dir, at)); err != nil {
						t.Skip(err)
					}
				}
			}
			path := filepath.Join(dir, "tidemark.yaml")
			if err := os.WriteFile(path, []byte(including(c.list)), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := config.Load(path, environment)
			if err == nil {
				t.Fatal("it is accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(filepath.ToSlash(err.Error()), want) {
					t.Errorf("no %s in\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), "password") {
				t.Errorf("it was read: %v", err)
			}
		})
	}
}
