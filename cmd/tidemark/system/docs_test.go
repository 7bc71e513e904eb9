package system

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

const root = "../../.."

// pages are the documents that are checked against the code.
func pages(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range []string{
		"README.md", "docs/api.md", "docs/operations.md", "docs/configuration.md", "docs/architecture.md",
		"docs/sources/postgresql.md", "docs/sources/mysql.md", "docs/sources/sqlserver.md", "docs/sources/oracle.md", "docs/sources/mongodb.md", "docs/sources/others.md",
	} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	}
	return out
}

// built is a whole process that does not run.
func built(t *testing.T) *system {
	t.Helper()
	c, err := config.Load(filepath.Join(root, "docs/tidemark.example.yaml"), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	c.DataDir = t.TempDir()
	s, err := Options{Config: c, Logger: NewLogger(t.Output(), c.Log)}.build(c.Kafka.Settings)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	call   = regexp.MustCompile("`(GET|POST) (/[^` ?]*)")
	second = regexp.MustCompile("`(GET|POST) /[^`]*`, `(/[^` ?]*)")
	curled = regexp.MustCompile(`curl [^\n]*http://127\.0\.0\.1:8080(/[^'"\n ]*)`)
)

func TestDocumentsNameRoutesThatAreServed(t *testing.T) {
	handler := built(t).api
	known := strings.NewReplacer("{table}", "orders", "{key}", "42", "{batch}", "17", "stock", "orders")
	seen := 0
	for name, text := range pages(t) {
		var calls [][2]string
		for _, m := range call.FindAllStringSubmatch(text, -1) {
			calls = append(calls, [2]string{m[1], m[2]})
		}
		for _, m := range second.FindAllStringSubmatch(text, -1) {
			calls = append(calls, [2]string{m[1], m[2]})
		}
		for _, m := range curled.FindAllStringSubmatch(text, -1) {
			calls = append(calls, [2]string{"GET", m[1]})
		}
		for _, c := range calls {
			seen++
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(c[0], known.Replace(c[1]), nil))
			body := w.Body.String()
			if w.Code == http.StatusMethodNotAllowed || strings.Contains(body, "problem:not-found") || strings.Contains(body, "problem:unknown-") {
				t.Errorf("%s: %s %s: %d %s", name, c[0], c[1], w.Code, body)
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d calls were found", seen)
	}
}

var (
	metricInText = regexp.MustCompile(`\btidemark_(?:processor|rekey|view|store|http|registry|generation)_[a-z_]*[a-z]\b`)
	metricInCode = regexp.MustCompile(`"(tidemark_(?:processor|rekey|view|store|http|registry|generation)_[a-z_]*[a-z])"`)
)

// metricNames finds the names in the code: a vector without values yet is not among
// what a registry gathers.
func metricNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "processors/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"processors/*/*.go", "views/*.go", "views/*/*.go", "views/*/*/*.go", "codecs/registry/*.go", "cmd/tidemark/system/*.go", "cmd/tidemark/rollout/*.go"} {
		more, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	var out []string
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range metricInCode.FindAllStringSubmatch(string(text), -1) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestDocumentsNameTheMetricsThatThereAre(t *testing.T) {
	names := metricNames(t)
	all := pages(t)
	listed := metricInText.FindAllString(all["docs/operations.md"], -1)
	for _, name := range names {
		if !slices.Contains(listed, name) {
			t.Errorf("docs/operations.md does not list %s", name)
		}
	}
	for page, text := range all {
		for _, name := range metricInText.FindAllString(text, -1) {
			if !slices.Contains(names, name) {
				t.Errorf("%s: there is no metric %s", page, name)
			}
		}
	}
}

// TestMetricsAreWellFormed reads what a process exposes before it has done anything.
func TestMetricsAreWellFormed(t *testing.T) {
	w := httptest.NewRecorder()
	built(t).api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `tidemark_view_ready{table="orders"} 0`) {
		t.Fatalf("%d %.300s", w.Code, w.Body.String())
	}
	problems, err := promlint.New(w.Body).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "tidemark_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}
