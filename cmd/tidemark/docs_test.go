package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/tables"
)

const root = "../.."

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var pages = append([]string{"README.md", "docs/api.md", "docs/operations.md", "docs/configuration.md", "docs/architecture.md", "docs/sources.md", "docs/sources/tests.md"}, sourcePages...)

var (
	// command is tidemark with what follows it, in a code span or on a line of a code block.
	command = regexp.MustCompile("(?m)(?:^|`)(?:bin/)?tidemark ([a-z][^`\n#]*)")
	flag    = regexp.MustCompile(`(?:^|\s)(--?[a-z][a-z-]*)`)
	span    = regexp.MustCompile("`(--?[a-z][a-z|-]*)[ `]")
)

func TestDocumentsNameCommandsAndFlagsThatThereAre(t *testing.T) {
	p := &program{stdout: io.Discard, stderr: io.Discard}
	found := 0
	for _, name := range pages {
		text := page(t, name)
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			found++
			fields := strings.Fields(m[1])
			root := p.root()
			root.InitDefaultCompletionCmd(fields...)
			cmd, _, err := root.Find(fields)
			if err != nil || cmd == root {
				t.Errorf("%s: tidemark %s: there is no such command (%v)", name, m[1], err)
				continue
			}
			for _, f := range flag.FindAllStringSubmatch(m[1], -1) {
				if !hasFlag(cmd, f[1]) {
					t.Errorf("%s: tidemark %s has no flag %s", name, cmd.Name(), f[1])
				}
			}
		}
		for _, m := range span.FindAllStringSubmatch(text, -1) {
			found++
			if !slices.ContainsFunc(p.root().Commands(), func(c *cobra.Command) bool { return hasFlag(c, m[1]) }) {
				t.Errorf("%s: no command has a flag %s", name, m[1])
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d commands and flags were found", found)
	}
}

func hasFlag(cmd *cobra.Command, name string) bool {
	long, isLong := strings.CutPrefix(name, "--")
	if isLong {
		return cmd.Flag(long) != nil
	}
	short := strings.TrimPrefix(name, "-")
	return cmd.Flags().ShorthandLookup(short) != nil || cmd.InheritedFlags().ShorthandLookup(short) != nil
}

// TestEveryFlagIsDocumented keeps the list of commands whole.
func TestEveryFlagIsDocumented(t *testing.T) {
	text := page(t, "docs/operations.md")
	p := &program{stdout: io.Discard, stderr: io.Discard}
	for _, cmd := range p.root().Commands() {
		if !strings.Contains(text, "`tidemark "+cmd.Name()) {
			t.Errorf("docs/operations.md does not name tidemark %s", cmd.Name())
		}
	}
}

var dotted = regexp.MustCompile("`((?:kafka|http|log|tables\\[\\])\\.[a-z_.\\[\\]]*[a-z])`")

func TestDocumentsNameTheKeysThatThereAre(t *testing.T) {
	keys := config.Keys()
	known := func(key string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return k == key || strings.TrimSuffix(k, "[]") == key })
	}
	for _, name := range pages {
		for _, m := range dotted.FindAllStringSubmatch(page(t, name), -1) {
			if !known(m[1]) {
				t.Errorf("%s: there is no key %s", name, m[1])
			}
		}
	}
	text := page(t, "docs/configuration.md")
	for _, key := range keys {
		// A mapping is documented by its keys.
		below := slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, key+".") || strings.HasPrefix(k, key+"[].") })
		if !below && !strings.Contains(text, "`"+key+"`") {
			t.Errorf("docs/configuration.md does not name %s", key)
		}
	}
}

var (
	link   = regexp.MustCompile(`\]\(([^)#]+)\)`)
	inTree = regexp.MustCompile("`((?:tables|codecs|kafka|processors|views|cmd|integration|docker|docs)/[A-Za-z0-9_./-]*)`")
	target = regexp.MustCompile(`(?m)(?:^|` + "`" + `)make ([a-z-]+)`)
)

func TestDocumentsNameFilesAndTargetsThatThereAre(t *testing.T) {
	makefile := page(t, "Makefile")
	for _, name := range pages {
		text := page(t, name)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(m[1], "://") {
				exists(t, name, filepath.Join(filepath.Dir(name), m[1]))
			}
		}
		for _, m := range inTree.FindAllStringSubmatch(text, -1) {
			exists(t, name, m[1])
		}
		for _, m := range target.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s: there is no make %s", name, m[1])
			}
		}
	}
}

func exists(t *testing.T, page, path string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, path)); err != nil {
		t.Errorf("%s: %v", page, err)
	}
}

var findingRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| (problem|note|problem or note) \\|")

// TestEveryFindingIsDocumented compares the list of findings with those that there are.
func TestEveryFindingIsDocumented(t *testing.T) {
	documented := map[string]string{}
	for _, m := range findingRow.FindAllStringSubmatch(page(t, "docs/operations.md"), -1) {
		documented[m[1]] = m[2]
	}
	for _, k := range findings.All() {
		if strings.Contains(documented[string(k.ID)], "note") != k.Note {
			t.Errorf("docs/operations.md: %s is documented as %q, and can be a note: %v", k.ID, documented[string(k.ID)], k.Note)
		}
		if documented[string(k.ID)] == "" {
			t.Errorf("docs/operations.md does not name the finding %s", k.ID)
		}
		delete(documented, string(k.ID))
	}
	for name := range documented {
		t.Errorf("docs/operations.md: there is no finding %s", name)
	}
}

var encodingRow = regexp.MustCompile("(?m)^\\| (`[a-z_0-9]+`(?:, `[a-z_0-9]+`)*) \\| [^|]* \\| ([a-z0-9, ]+) \\|$")

// TestEncodingsAreDocumentedWithTheirTypes compares the table of encodings with what columns can declare.
func TestEncodingsAreDocumentedWithTheirTypes(t *testing.T) {
	documented := map[string][]string{}
	for _, m := range encodingRow.FindAllStringSubmatch(page(t, "docs/configuration.md"), -1) {
		for name := range strings.SplitSeq(m[1], ", ") {
			documented[strings.Trim(name, "`")] = strings.Split(m[2], ", ")
		}
	}
	for _, e := range tables.Encodings() {
		var want []string
		for _, k := range convert.EncodingTypes(e) {
			want = append(want, k.String())
		}
		got := documented[string(e)]
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("docs/configuration.md: %s is for %v, documented for %v", e, want, got)
		}
	}
}
