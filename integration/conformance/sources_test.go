package conformance

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	root        = "../.."
	sourcesPage = root + "/docs/sources/tests.md"
	ruleCount   = 13
)

var (
	testName     = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)(?:/([^`]+))?`")
	scenarioLink = regexp.MustCompile(`\[([a-z0-9_]+)\]\(\.\./\.\./integration/conformance/scenarios/([a-z0-9_]+)\)`)
	ruleRow      = regexp.MustCompile(`(?m)^\| ([0-9]+) \| .*$`)
)

// testNames are the names of all tests and fuzz targets of the repository.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				out[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// typeSections are the subtests of the tables of types: the headings of their files.
func typeSections(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for test, file := range map[string]string{"TestPostgresTypes": "postgres.txt", "TestTypesOfOtherConnectors": "others.txt"} {
		f, err := os.Open(filepath.Join(root, "codecs/cdc/testdata/types", file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if title, ok := strings.CutPrefix(lines.Text(), "## "); ok {
				out[test+"/"+title] = true
			}
		}
	}
	return out
}

// What docs/sources/tests.md names is there: every test, every part of one, every scenario.
func TestSourcesNameTestsAndScenariosThatThereAre(t *testing.T) {
	page, err := os.ReadFile(sourcesPage)
	if err != nil {
		t.Fatal(err)
	}
	tests, sections := testNames(t), typeSections(t)
	for _, m := range testName.FindAllStringSubmatch(string(page), -1) {
		if !tests[m[1]] {
			t.Errorf("there is no test %s", m[1])
		}
		if m[2] != "" && !sections[m[1]+"/"+m[2]] {
			t.Errorf("%s has no part %s", m[1], m[2])
		}
	}
	for _, m := range scenarioLink.FindAllStringSubmatch(string(page), -1) {
		if _, err := os.Stat(filepath.Join("scenarios", m[2], "scenario.json")); err != nil || m[1] != m[2] {
			t.Errorf("there is no scenario %s (called %s)", m[2], m[1])
		}
	}
}

// Each rule has a test of its own, and a scenario.
func TestEveryRuleHasTestsAndScenarios(t *testing.T) {
	page, err := os.ReadFile(sourcesPage)
	if err != nil {
		t.Fatal(err)
	}
	rows := ruleRow.FindAllStringSubmatch(string(page), -1)
	if len(rows) != ruleCount {
		t.Fatalf("%d rules, want %d", len(rows), ruleCount)
	}
	for i, row := range rows {
		if row[1] != strconv.Itoa(i+1) {
			t.Errorf("rule %s stands in place %d", row[1], i+1)
		}
		if !testName.MatchString(row[0]) || !scenarioLink.MatchString(row[0]) {
			t.Errorf("rule %s has no test, or no scenario", row[1])
		}
	}
}

// All parts of the table of types are on the page.
func TestSourcesNameEveryModeOfTheTypes(t *testing.T) {
	page, err := os.ReadFile(sourcesPage)
	if err != nil {
		t.Fatal(err)
	}
	for section := range typeSections(t) {
		if !strings.Contains(string(page), "`"+section+"`") {
			t.Errorf("it does not name %s", section)
		}
	}
}
