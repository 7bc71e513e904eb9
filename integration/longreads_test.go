package integration

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// A table of which one stream is much more than sockets hold on the way: a client that
// does not read keeps the server in the middle of it.
const (
	longRows    = 8_000
	longBuckets = 80
)

func longRow(id, round int) m {
	return m{"id": id, "bucket": id % longBuckets, "v": fmt.Sprintf("%d of %d %s", round, id*7919%longRows, strings.Repeat("x", 500))}
}

// slowReader is a stream of rows that is read when the test says so.
type slowReader struct {
	t     *testing.T
	path  string
	lines *bufio.Scanner
	rows  []row
}

// begin opens a stream that is not compressed.
func begin(t *testing.T, p *harness.Process, path string) *slowReader {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	res, err := client.Get(p.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, res.Status)
	}
	return &slowReader{t: t, path: path, lines: bufio.NewScanner(res.Body)}
}

// read takes so many more rows, if there are.
func (s *slowReader) read(n int) {
	s.t.Helper()
	for ; n != 0 && s.lines.Scan(); n-- {
		var r row
		if err := harness.Decode(s.lines.Bytes(), &r); err != nil {
			s.t.Fatalf("%s, row %d: %v", s.path, len(s.rows)+1, err)
		}
		s.rows = append(s.rows, r)
	}
	if err := s.lines.Err(); err != nil {
		s.t.Fatalf("%s, after %d rows: %v", s.path, len(s.rows), err)
	}
}

// walk reads page by page with a cursor.
type walk struct {
	p      *harness.Process
	path   string
	cursor string
	over   bool
	rows   []row
	header http.Header // of the first page
}

// page reads the next page, if there is one.
func (w *walk) page(t *testing.T) {
	t.Helper()
	if w.over {
		return
	}
	path := w.path
	if w.cursor != "" {
		path += "&cursor=" + url.QueryEscape(w.cursor)
	}
	a := w.p.Get(t, path)
	if w.header == nil {
		w.header = a.Header
	}
	for _, name := range []string{"Tidemark-Batch", "Tidemark-Position", "Etag"} {
		if got, first := a.Header.Get(name), w.header.Get(name); got != first {
			t.Errorf("%s, row %d: %s is %s, it was %s on the first page", w.path, len(w.rows), name, got, first)
		}
	}
	var answer struct {
		Data []row
		Next string
	}
	if err := harness.Decode(a.Body, &answer); err != nil {
		t.Fatal(err)
	}
	w.rows, w.cursor, w.over = append(w.rows, answer.Data...), answer.Next, answer.Next == ""
}

// TestReadsThatBeganEarlierEndOnTheirState has slow streams and walks with cursors continue
// while most rows change, batches are taken, and the batch that they began on is dropped.
func TestReadsThatBeganEarlierEndOnTheirState(t *testing.T) {
	t.Parallel()
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.long", 2)
	table := harness.Table("long", topic, "debezium-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("bucket", "int64", "index", true), harness.Col("v", "string"))
	table["sort_key"] = []string{"bucket"}
	table["batch"] = m{"schedule": "@on-demand", "keep": m{"last": 1, "for": "1ms"}}
	p := harness.Start(t, c, harness.Config{Tables: []m{table}})
	d := &harness.Debezium{Key: []string{"id"}}
	var events []harness.Event
	var want, buckets []row
	for id := range longRows {
		events = append(events, d.Create(longRow(id, 0)))
		want = append(want, longRow(id, 0))
	}
	for b := range longBuckets {
		buckets = append(buckets, row{"bucket": b, "count": longRows / longBuckets})
	}
	c.Produce(t, topic, events...)
	p.Batch(t, "long")
	const rows = "/v1/tables/long/rows"
	streams := []*slowReader{
		begin(t, p, rows+".ndjson"), begin(t, p, rows+".ndjson?as_of=1"), begin(t, p, rows+".ndjson?order=v.desc"),
		begin(t, p, rows+".ndjson?bucket=gte.0"),
	}
	walks := []*walk{
		{p: p, path: rows + "?limit=1000"}, {p: p, path: rows + "?limit=1000&as_of=1"},
		{p: p, path: rows + "?limit=1000&order=v.desc,id"}, {p: p, path: rows + "?limit=1000&order=bucket.desc"},
	}
	groups := &walk{p: p, path: rows + "?limit=10&select=bucket,count()"}
	advance := func(n int) {
		for _, s := range streams {
			s.read(n)
		}
		for _, w := range append(walks, groups) {
			w.page(t)
		}
	}
	advance(250)
	for round := 1; round <= 5; round++ {
		changeLong(t, c, topic, d, round)
		p.Batch(t, "long")
		advance(250)
	}
	onlyNewest(t, p, 6)
	const ended = `tidemark_http_requests_total{code="200",method="GET",route="getRowsAs"}`
	if strings.Contains(string(p.Get(t, "/metrics").Body), ended) {
		t.Error("a stream has ended already: it was not slow")
	}
	for range longRows / 250 { // more than is left, of all of them in turn
		advance(250)
	}
	for _, s := range streams {
		t.Log(s.path)
		harness.Same(t, want, s.rows, "id")
	}
	for _, w := range walks {
		t.Log(w.path)
		harness.Same(t, want, w.rows, "id")
	}
	harness.Same(t, buckets, groups.rows, "bucket")
}

// changeLong writes most rows anew, and deletes a tenth and brings back another.
func changeLong(t *testing.T, c *harness.Cluster, topic string, d *harness.Debezium, round int) {
	t.Helper()
	var events []harness.Event
	for id := range longRows {
		switch id % 10 {
		case round % 10:
			events = append(events, d.Delete(longRow(id, round))...)
		case (round + 3) % 10:
		default:
			events = append(events, d.Update(longRow(id, round)))
		}
	}
	c.Produce(t, topic, events...)
}

// onlyNewest waits until all batches but the newest are gone.
func onlyNewest(t *testing.T, p *harness.Process, newest int) {
	t.Helper()
	harness.Poll(t, time.Minute, "left with the newest batch", func() bool {
		var list struct{ Data []struct{ Batch int } }
		return harness.Decode(p.Get(t, "/v1/tables/long/batches").Body, &list) == nil && len(list.Data) == 1 && list.Data[0].Batch == newest
	})
	p.Expect(t, http.StatusNotFound, "GET", "/v1/tables/long/rows?as_of=1", "")
	p.Expect(t, http.StatusNotFound, "GET", "/v1/tables/long/batches/1.parquet", "")
}
