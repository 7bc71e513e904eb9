package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/api/live"
)

// parquetRows returns the rows and the row groups of a Parquet file.
func parquetRows(t *testing.T, body string) (rows int64, groups int) {
	t.Helper()
	f, err := file.NewParquetReader(bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return f.NumRows(), f.NumRowGroups()
}

func TestParquetHasAllRowsAsOtherStreamsDo(t *testing.T) {
	w := newWorld(t, nil, many(t, 140_000))
	for query, want := range map[string]int64{
		"": 140_000, "?order=text.desc&select=text": 140_000, "?id=lt.20000": 20_000, "?limit=15000": 15_000, "?limit=7": 7, "?limit=0": 0,
		"?offset=139990": 10, "?select=text,count()": 140_000,
	} {
		rows, groups := parquetRows(t, w.get(200, "/v1/tables/many/rows.parquet"+query))
		if rows != want {
			t.Errorf("%s has %d rows, want %d", query, rows, want)
		}
		if query == "" && groups < 2 {
			t.Errorf("%d rows are %d row group: it was held as a whole", rows, groups)
		}
	}
	if rows, _ := parquetRows(t, w.get(200, "/v1/tables/many/rows", "Accept: application/vnd.apache.parquet")); rows != 140_000 {
		t.Errorf("by Accept %d rows", rows)
	}
}

func TestAStreamThatFindsNoRowInTimeIs503(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.QueryTime = time.Nanosecond }, many(t, 200_000))
	for _, call := range []string{"rows.ndjson?order=text", "rows.parquet?order=text", "rows.arrow?select=text,count()", "rows.csv?order=text"} {
		res, body := w.do("GET", "/v1/tables/many/"+call, "")
		if res.StatusCode != 503 || !strings.Contains(body, "query-too-slow") {
			t.Errorf("%s: %s %.100s", call, res.Status, body)
		}
	}
}

func TestFiltersAreBoundedInNumberAndDepth(t *testing.T) {
	w := newWorld(t, nil, numbers(t))
	condition := func(n int) string { return strings.TrimSuffix(strings.Repeat("v.like.*a*,", n), ",") }
	form := "Content-Type: application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		form   string
		status int
		says   string
	}{
		"1,000 in a tree":   {"or=(" + condition(1000) + ")", 200, ""},
		"1,001 in a tree":   {"or=(" + condition(1001) + ")", 400, "1000 conditions"},
		"in several trees":  {"or=(" + condition(600) + ")&and=(" + condition(401) + ")", 400, "1000 conditions"},
		"nested":            {"or=(and(" + condition(500) + "),or(" + condition(501) + "))", 400, "1000 conditions"},
		"one list":          {"n=in.(" + strings.Repeat("1,", 50_000) + "2)", 200, ""},
		"as deep as can be": {"or=" + strings.Repeat("(and", 31) + "(n.eq.1)" + strings.Repeat(")", 31), 200, ""},
		"deeper":            {"or=" + strings.Repeat("(and", 32) + "(n.eq.1)" + strings.Repeat(")", 32), 400, "32 deep"},
		"very deep":         {"or=" + strings.Repeat("(not.and", 200_000), 400, "32 deep"},
		"order":             {"order=" + strings.Repeat("n,", 2000) + "n", 400, "1000 columns"},
	} {
		res, body := w.do("POST", "/v1/tables/t/rows", c.form, form)
		if res.StatusCode != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %s %.300s", name, res.Status, body)
		}
	}
}

func TestRangesThatAFileDoesNotHaveAreProblems(t *testing.T) {
	w := newWorld(t, nil, orders(t))
	for _, r := range []string{"bytes=20-", "bytes=100-200", "bytes=5-1", "bytes=a-b"} {
		res, body := w.do("GET", "/v1/tables/orders/batches/17.parquet", "", "Range: "+r)
		problem(t, res, body, 416, "range-not-satisfiable")
		if res.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %v", r, res.Header)
		}
	}
	res, _ := w.do("GET", "/v1/tables/orders/batches/17.parquet", "", "Range: bytes=100-200")
	if got := res.Header.Get("Content-Range"); got != "bytes */20" {
		t.Errorf("Content-Range %q", got)
	}
}

func TestABatchFileHasOneTagOnAllProcesses(t *testing.T) {
	tag := func() string {
		l := orders(t)
		l.batches = []live.Batch{batch(17)}
		res, _ := newWorld(t, nil, l).do("GET", "/v1/tables/orders/batches/17.parquet", "")
		return res.Header.Get("ETag") + " " + res.Header.Get("Last-Modified")
	}
	first := tag()
	if second := tag(); first != second || first != fmt.Sprintf(`"17-14-%016x" Sun, 22 Nov 2026 10:00:00 GMT`, 0xabcdef) {
		t.Errorf("%s and %s", first, second)
	}
}
