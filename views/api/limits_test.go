package api_test

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/store"
)

func problem(t *testing.T, res *http.Response, body string, status int, kind string) {
	t.Helper()
	if res.StatusCode != status || res.Header.Get("Content-Type") != "application/problem+json" ||
		!strings.Contains(body, `"urn:tidemark:problem:`+kind+`"`) || !strings.Contains(body, `"request_id":"`) {
		t.Errorf("%s %s: %s", res.Status, res.Header.Get("Content-Type"), body)
	}
}

func TestTooLongAURLIs414(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	res, body := w.do("GET", "/v1/tables/t/rows?v=in.("+strings.Repeat("a,", 20_000)+"a)", "")
	problem(t, res, body, 414, "url-too-long")
}

func TestTooLargeABodyIs413(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.MaxBody = 1000 }, numbers(t))
	res, body := w.do("POST", "/v1/tables/t/lookup", `{"keys":[`+strings.Repeat("1,", 1000)+`1]}`)
	problem(t, res, body, 413, "body-too-large")
}

func TestBodyThatEndsTooEarlyIs400(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/tables/t/lookup HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"keys\":[1")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	problem(t, res, string(body), 400, "bad-body")
}

func TestTooManyKeysAre400(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	res, body := w.do("POST", "/v1/tables/t/lookup", `{"keys":[`+strings.Repeat("1,", 10_000)+`1]}`)
	problem(t, res, body, 400, "bad-body")
}

func TestTableThatIsNotReadyIs503(t *testing.T) {
	l := numbers(t)
	l.notReady = true
	w := newWorld(t, nil, l)
	for _, path := range []string{"/v1/tables/t/rows", "/v1/tables/t/rows/1", "/v1/tables/t/rows.csv"} {
		res, body := w.do("GET", path, "")
		problem(t, res, body, 503, "not-ready")
		if res.Header.Get("Retry-After") != "1" || !strings.Contains(body, "3 of 10 records") {
			t.Errorf("%v: %s", res.Header, body)
		}
	}
	if body := w.get(503, "/readyz"); !strings.Contains(body, `"done":3,"total":10`) || !strings.Contains(body, `"note":"reading the changelog"`) ||
		!strings.Contains(body, `"ready":false}`) {
		t.Error(body)
	}
	w.get(200, "/livez")
	w.get(200, "/v1/tables")
}

func TestTableThatComesUpToDateIsReadAndNotFollowed(t *testing.T) {
	l := numbers(t)
	l.notReady, l.stale = true, true
	w := newWorld(t, nil, l)
	for _, path := range []string{"/v1/tables/t/rows", "/v1/tables/t/rows/1", "/v1/tables/t/rows.csv"} {
		w.get(200, path)
	}
	res, body := w.do("GET", "/v1/tables/t/changes", "")
	problem(t, res, body, 503, "not-ready")
	w.get(503, "/readyz")
}

func TestFailureTellsTheLogAndNotTheClient(t *testing.T) {
	l := orders(t)
	w := newWorld(t, nil, l)
	l.mu.Lock()
	l.unwell = errors.New("open /var/lib/secret: no such file")
	l.mu.Unlock()
	res, body := w.do("GET", "/v1/tables/orders/rows/1?document=true", "", "X-Request-Id: req-77")
	problem(t, res, body, 500, "internal")
	if strings.Contains(body, "secret") || !strings.Contains(body, "req-77") || res.Header.Get("X-Request-Id") != "req-77" {
		t.Error(body)
	}
	if log := w.logged(); !strings.Contains(log, "secret") || !strings.Contains(log, "req-77") {
		t.Error(log)
	}
}

// panics is a reader that has a mistake in it.
type panics struct{ *liveTable }

func (panics) Document(*store.Snapshot, tables.Key) ([]byte, bool, error) {
	panic("index out of range")
}

func TestPanicIs500(t *testing.T) {
	l := orders(t)
	w := newWorld(t, func(o *api.Options) { o.Tables[0].Reader = panics{l} }, l)
	res, body := w.do("GET", "/v1/tables/orders/rows/1?document=true", "")
	problem(t, res, body, 500, "internal")
	if log := w.logged(); !strings.Contains(log, "index out of range") {
		t.Error(log)
	}
}

func TestHostileRequestIDIsReplaced(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	_, body := w.do("GET", "/nowhere", "", `X-Request-Id: a"} level=ERROR`)
	if strings.Contains(body, "level") {
		t.Error(body)
	}
}

func TestStreamThatFailsInItsMiddleIsCutOff(t *testing.T) {
	l := many(t, 20_000)
	w := newWorld(t, nil, l)
	l.mu.Lock()
	l.unwell = errors.New("disk gone")
	l.mu.Unlock()
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	l.failAfter(3000)
	fmt.Fprintf(conn, "GET /v1/tables/many/rows.ndjson?document=true HTTP/1.1\r\nHost: x\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if res.StatusCode != 200 || err == nil {
		t.Errorf("%s with %d bytes that look whole", res.Status, len(body))
	}
}

func TestQueryThatTakesTooLongIs503(t *testing.T) {
	l := many(t, 20_000)
	l.seal(t, 1)
	w := newWorld(t, func(o *api.Options) { o.QueryTime = time.Nanosecond }, l)
	res, body := w.do("GET", "/v1/tables/many/rows?order=text.desc", "")
	problem(t, res, body, 503, "query-too-slow")
}

func TestClientThatStopsReadingIsCutOff(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.Stall = 50 * time.Millisecond }, many(t, 200_000))
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /v1/tables/many/rows.csv HTTP/1.1\r\nHost: x\r\n\r\n")
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(w.logged(), "answer cut off"); {
		if time.Now().After(deadline) {
			t.Fatal("the answer still waits for its client")
		}
		runtime.Gosched()
	}
}

// TestClientThatReadsSlowlyGetsAll has a client that reads steadily, and for several times
// as long as one write may take much less than the kernel would hold for it.
func TestClientThatReadsSlowlyGetsAll(t *testing.T) {
	const rows, stall = 200_000, 400 * time.Millisecond
	w := newWorld(t, func(o *api.Options) { o.Stall = stall }, many(t, rows))
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /v1/tables/many/rows.ndjson HTTP/1.1\r\nHost: x\r\n\r\n")
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	res, err := http.ReadResponse(bufio.NewReaderSize(&steady{conn, tick.C, time.Now().Add(4 * stall)}, 32<<10), nil)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	all := bufio.NewScanner(res.Body)
	for all.Scan() {
		lines++
	}
	if lines != rows || all.Err() != nil {
		t.Errorf("%d rows of %d came: %v", lines, rows, all.Err())
	}
}

// steady reads once a tick until a time, and then as fast as it can.
type steady struct {
	from  io.Reader
	tick  <-chan time.Time
	until time.Time
}

func (s *steady) Read(b []byte) (int, error) {
	if time.Now().Before(s.until) {
		<-s.tick
	}
	return s.from.Read(b)
}

// many is a table of n rows with documents.
func many(t testing.TB, n int) *liveTable {
	l := newLive(t, &tables.Table{
		Name: "many", Key: []string{"id"}, Document: tables.DocumentKeep,
		Columns: []tables.Column{column("id", "int64"), column("text", "string")},
	})
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = []any{i, fmt.Sprintf("the text of row %d", i)}
	}
	l.put(t, tables.Position{int64(n)}, rows...)
	return l
}

func TestStreamsHaveNoLimit(t *testing.T) {
	w := newWorld(t, nil, many(t, 20_000))
	for path, lines := range map[string]int{
		"/v1/tables/many/rows.ndjson": 20_000, "/v1/tables/many/rows.csv": 20_001,
		"/v1/tables/many/rows.ndjson?limit=15000&offset=100": 15_000, "/v1/tables/many/rows.ndjson?id=gte.19990": 10,
		"/v1/tables/many/rows.ndjson?limit=0": 0, "/v1/tables/many/rows.ndjson?offset=30000": 0,
		"/v1/tables/many/rows.ndjson?limit_by=id:1": 20_000, "/v1/tables/many/rows.csv?select=id,count()": 20_001,
	} {
		body := w.get(200, path)
		if n := strings.Count(body, "\n"); n != lines {
			t.Errorf("%s has %d lines, want %d", path, n, lines)
		}
	}
}

func TestLargeAnswersAreCompressedForWhoAsks(t *testing.T) {
	w := newWorld(t, nil, many(t, 3000))
	for _, path := range []string{"/v1/tables/many/rows?limit=3000", "/v1/tables/many/rows.ndjson", "/v1/openapi.json"} {
		plain := w.get(200, path)
		res, body := w.do("GET", path, "", "Accept-Encoding: br;q=1, gzip;q=0.8")
		if res.Header.Get("Content-Encoding") != "gzip" || len(body) > len(plain)/2 {
			t.Fatalf("%s: %d of %d bytes, %v", path, len(body), len(plain), res.Header)
		}
		z, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if err != nil || string(got) != plain {
			t.Errorf("%s: %v, or another body", path, err)
		}
	}
	for _, accept := range []string{"gzip;q=0", "gzip; q=0.0", "br", "identity"} {
		res, _ := w.do("GET", "/v1/tables/many/rows.ndjson", "", "Accept-Encoding: "+accept)
		if res.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %v", accept, res.Header)
		}
	}
}

func TestEmbeddedLineBreaksDoNotBreakNDJSON(t *testing.T) {
	l := orders(t)
	l.documents[tables.EncodeKey(tables.Int64Value(2))] = "{\n  \"a\": \"x\\ny\"\r\n}"
	w := newWorld(t, nil, l)
	body := w.get(200, "/v1/tables/orders/rows.ndjson?select=id&id=eq.2&document=true")
	if body != `{"id":2,"document":{   "a": "x\ny"  }}`+"\n" {
		t.Errorf("%q", body)
	}
}

func TestSumOutOfRangeIs400(t *testing.T) {
	l := newLive(t, &tables.Table{Name: "big", Key: []string{"id"}, Columns: []tables.Column{column("id", "int64"), column("d", "decimal(38,0)")}})
	nines := strings.Repeat("9", 38)
	l.put(t, nil, []any{1, nines}, []any{2, nines})
	res, body := newWorld(t, nil, l).do("GET", "/v1/tables/big/rows?select=d.sum()", "")
	problem(t, res, body, 400, "out-of-range")
}

func TestReadWaitsForItsPosition(t *testing.T) {
	l := numbers(t)
	w := newWorld(t, nil, l)
	done := make(chan string, 1)
	go func() {
		_, body := w.do("GET", "/v1/tables/t/rows?v=eq.mine", "", "Tidemark-Min-Position: 0:302", "Tidemark-Wait: 20s")
		done <- body
	}()
	l.put(t, tables.Position{302}, []any{900, "mine", 1, nil})
	select {
	case body := <-done:
		if !strings.Contains(body, `"id":900`) {
			t.Error(body)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("the read still waits")
	}
}

func TestReadWaitsForItsSourcePosition(t *testing.T) {
	l := numbers(t)
	l.source = tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 24023128}
	w := newWorld(t, nil, l)
	for lsn, status := range map[string]int{"lsn=24023128": 200, "lsn=0/16E9058": 200, "lsn=24023129": 412, "file=b.000001,pos=4": 412, "lsn=-1": 400} {
		if res, body := w.do("GET", "/v1/tables/t/rows/1", "", "Tidemark-Min-Source: "+lsn); res.StatusCode != status {
			t.Errorf("%s: %s, want %d: %s", lsn, res.Status, status, body)
		}
	}
}
