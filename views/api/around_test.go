package api_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/api/live"
)

func source(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestUnchangedTableIs304(t *testing.T) {
	l := numbers(t)
	w := newWorld(t, nil, l)
	res, _ := w.do("GET", "/v1/tables/t/rows", "")
	tag := res.Header.Get("ETag")
	res, body := w.do("GET", "/v1/tables/t/rows", "", "If-None-Match: "+tag)
	if res.StatusCode != 304 || body != "" || res.Header.Get("Tidemark-Position") == "" {
		t.Errorf("%s: %v %s", res.Status, res.Header, body)
	}
	l.put(t, tables.Position{302}, []any{1, "other", 1, nil})
	if res, _ := w.do("GET", "/v1/tables/t/rows", "", "If-None-Match: "+tag); res.StatusCode != 200 {
		t.Errorf("changed: %s", res.Status)
	}
	if res, _ := w.do("GET", "/v1/tables/t/rows?nosuch=eq.1", "", "If-None-Match: *"); res.StatusCode != 400 {
		t.Errorf("a mistake: %s", res.Status)
	}
}

func TestUnchangedRowIs304ThoughOthersChange(t *testing.T) {
	l := numbers(t)
	w := newWorld(t, nil, l)
	res, _ := w.do("GET", "/v1/tables/t/rows/7", "")
	l.put(t, tables.Position{302}, []any{8, "other", 1, nil})
	if res, _ := w.do("GET", "/v1/tables/t/rows/7", "", "If-None-Match: "+res.Header.Get("ETag")); res.StatusCode != 304 || res.Header.Get("Tidemark-Position") != "0:302" {
		t.Errorf("%s %v", res.Status, res.Header)
	}
}

func TestBatchThatTakesLongerThanTheWaitIs202(t *testing.T) {
	l := orders(t)
	l.slow = true
	res, body := newWorld(t, nil, l).do("POST", "/v1/tables/orders/batches?wait=20ms", "")
	if res.StatusCode != 202 || body != `{"batch":18,"complete":false}`+"\n" {
		t.Errorf("%s: %s", res.Status, body)
	}
}

func TestBatchThatCannotBeTakenIs503(t *testing.T) {
	l := orders(t)
	l.unwell = errors.New("dial tcp 10.0.0.7:9092: connection refused")
	res, body := newWorld(t, nil, l).do("POST", "/v1/tables/orders/batches", "")
	problem(t, res, body, 503, "unavailable")
	if strings.Contains(body, "10.0.0.7") {
		t.Error(body)
	}
}

func TestBatchFileIsServedInRanges(t *testing.T) {
	w := newWorld(t, nil, orders(t))
	res, body := w.do("GET", "/v1/tables/orders/batches/17.parquet", "")
	if res.StatusCode != 200 || body != "PAR1 0123456789 PAR1" || res.Header.Get("Content-Type") != "application/vnd.apache.parquet" ||
		res.Header.Get("Content-Disposition") != `attachment; filename="orders-17.parquet"` {
		t.Fatalf("%s %v %s", res.Status, res.Header, body)
	}
	tag := res.Header.Get("ETag")
	res, body = w.do("GET", "/v1/tables/orders/batches/17.parquet", "", "Range: bytes=5-14", "If-Range: "+tag)
	if res.StatusCode != 206 || body != "0123456789" {
		t.Errorf("%s %s", res.Status, body)
	}
	if res, _ = w.do("GET", "/v1/tables/orders/batches/17.parquet", "", "If-None-Match: "+tag); res.StatusCode != 304 {
		t.Error(res.Status)
	}
	if body := w.get(200, "/metrics"); !strings.Contains(body, `tidemark_http_requests_total{code="206",method="GET",route="getBatchFile"} 1`) {
		t.Errorf("the range is not counted as one: %s", body)
	}
	if res, _ = w.do("HEAD", "/v1/tables/orders/batches/17.parquet", ""); res.StatusCode != 200 || res.Header.Get("Content-Length") != "20" {
		t.Errorf("%s %v", res.Status, res.Header)
	}
}

func TestOtherOriginsReadWhenAllowed(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.CORSOrigins = []string{"https://shop.example"} }, numbers(t))
	res, _ := w.do("GET", "/v1/tables/t/rows/1", "", "Origin: https://shop.example")
	if res.Header.Get("Access-Control-Allow-Origin") != "https://shop.example" || !strings.Contains(res.Header.Get("Access-Control-Expose-Headers"), "Tidemark-Position") {
		t.Errorf("%v", res.Header)
	}
	res, _ = w.do("OPTIONS", "/v1/tables/t/lookup", "", "Origin: https://shop.example", "Access-Control-Request-Method: POST")
	if res.StatusCode != 204 || !strings.Contains(res.Header.Get("Access-Control-Allow-Headers"), "Tidemark-Min-Position") {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	if res, _ = w.do("GET", "/v1/tables/t/rows/1", "", "Origin: https://evil.example"); res.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%v", res.Header)
	}
	if res, _ = newWorld(t, nil, numbers(t)).do("GET", "/v1/tables/t/rows/1", "", "Origin: https://shop.example"); res.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("nothing was allowed: %v", res.Header)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	for range 3 {
		w.get(200, "/v1/tables/t/rows/1")
	}
	w.get(404, "/v1/tables/t/rows/1000")
	w.get(404, "/nowhere")
	w.do("BREW", "/livez", "")
	body := w.get(200, "/metrics")
	for _, line := range []string{
		`tidemark_http_requests_total{code="200",method="GET",route="getRow"} 3`,
		`tidemark_http_requests_total{code="404",method="GET",route="getRow"} 1`,
		`tidemark_http_requests_total{code="404",method="GET",route="none"} 1`,
		`tidemark_http_requests_total{code="405",method="other",route="getLive"} 1`,
		`tidemark_http_request_duration_seconds_count{route="getRow"} 4`,
	} {
		if !strings.Contains(body, line) {
			t.Errorf("no line %s in\n%s", line, body)
		}
	}
}

func TestOptionsThatAreWrongAreRefused(t *testing.T) {
	l := numbers(t)
	for name, o := range map[string]api.Options{
		"a table without a reader": {Tables: []*live.Table{{Table: l.table}}},
		"no table":                 {Tables: []*live.Table{nil}},
		"one table twice":          {Tables: []*live.Table{l.api(), l.api()}},
		"an origin with a path":    {CORSOrigins: []string{"https://shop.example/"}},
		"an origin that is a name": {CORSOrigins: []string{"shop.example"}},
		"no randomness":            {Random: empty{}},
	} {
		if _, err := api.New(o); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, errors.New("no randomness") }

// TestReadersSeeOneInstantWhileRowsChange writes pairs of rows that always have one
// value between them, and reads them in every way at the same time.
func TestReadersSeeOneInstantWhileRowsChange(t *testing.T) {
	l := numbers(t)
	w := newWorld(t, nil, l)
	l.put(t, tables.Position{400}, []any{2001, "pair", 0, "0"}, []any{2002, "pair", 0, "0"})
	stop := make(chan struct{})
	var writer, readers sync.WaitGroup
	writer.Add(1)
	go func() {
		defer writer.Done()
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			default:
				l.put(t, tables.Position{400 + int64(i)}, []any{2001, "pair", i, "0"}, []any{2002, "pair", i, "0"})
			}
		}
	}()
	for _, read := range []func() string{
		func() string { return w.get(200, "/v1/tables/t/rows?v=eq.pair&select=n") },
		func() string { return w.get(200, "/v1/tables/t/rows.csv?v=eq.pair&select=n") },
		func() string {
			_, body := w.do("POST", "/v1/tables/t/lookup?select=n", `{"keys":[2001,2002]}`)
			return body
		},
		func() string { return w.get(200, "/v1/tables/t/rows?v=eq.pair&select=n,count()") },
	} {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for range 50 {
				if body := read(); !onePair(body) {
					t.Error(body)
					return
				}
			}
		}()
	}
	readers.Wait()
	close(stop)
	writer.Wait()
}

// onePair reports whether an answer has one value of n: twice, or in one group of two.
func onePair(body string) bool {
	if strings.Contains(body, `"count":2}],"rows":1`) {
		return true
	}
	if csv, ok := strings.CutPrefix(body, "n\n"); ok {
		values := strings.Fields(csv)
		return len(values) == 2 && values[0] == values[1]
	}
	parts := strings.Split(body, `{"n":`)
	if len(parts) != 3 {
		return false
	}
	a, _, _ := strings.Cut(parts[1], "}")
	b, _, _ := strings.Cut(parts[2], "}")
	return a == b
}

func TestProblemsOfTheRouterHaveTheirForm(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	for _, target := range []string{"/", "//", "/v1", "/v1/tables/", "/v1/tables/t/rows/1/2", "/%00", "/v1/tables/t%2Frows", "*"} {
		method := "GET"
		if target == "*" {
			method = "OPTIONS"
		}
		res, body := w.do(method, target, "")
		if target == "*" {
			if res.StatusCode >= http.StatusInternalServerError {
				t.Error(res.Status)
			}
			continue
		}
		problem(t, res, body, 404, map[bool]string{true: "unknown-table", false: "not-found"}[strings.HasSuffix(target, "%2Frows")])
	}
}

func TestABatchThatIsDroppedAsItIsAskedForIsNotThere(t *testing.T) {
	l := orders(t)
	w := newWorld(t, nil, l)
	if err := os.Remove(filepath.Join(l.dir, "17.parquet")); err != nil {
		t.Fatal(err)
	}
	res, body := w.do("GET", "/v1/tables/orders/batches/17.parquet", "")
	if res.StatusCode != 404 || !strings.Contains(body, "no-such-batch") {
		t.Errorf("%s %s", res.Status, body)
	}
}
