package api_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/store"
)

// BenchmarkLookupAgainstBareMux compares a lookup by key with a bare gorilla/mux
// handler that answers a constant of the same size, under the same load: two
// connections, one request at a time on each. It reports requests/s of both, the
// median ratio of alternating rounds, and the same ratio by CPU time of client and
// server together, which a busy machine does not blur.
func BenchmarkLookupAgainstBareMux(b *testing.B) {
	const rows = 100_000
	l := wide(b, rows)
	full := newWorld(b, func(o *api.Options) { o.Clock = nil }, l)
	_, body := full.do("GET", "/v1/tables/orders/rows/77", "")
	s := httptest.NewUnstartedServer(nil)
	s.Config = api.NewServer(bareMux(body))
	s.Start()
	defer s.Close()
	var ours, theirs []pace
	var ratios, cpuRatios []float64
	for range 7 {
		theirs = append(theirs, load(b, s.Listener.Addr().String(), b.N, rows))
		ours = append(ours, load(b, full.addr, b.N, rows))
		us, them := ours[len(ours)-1], theirs[len(theirs)-1]
		ratios, cpuRatios = append(ratios, us.perSecond/them.perSecond), append(cpuRatios, them.cpu/us.cpu)
	}
	b.ReportMetric(medianOf(ours).perSecond, "lookups/s")
	b.ReportMetric(medianOf(theirs).perSecond, "bare/s")
	b.ReportMetric(slices.Sorted(slices.Values(ratios))[3], "ratio")
	b.ReportMetric(slices.Sorted(slices.Values(cpuRatios))[3], "cpu-ratio")
	b.ReportMetric(medianOf(ours).cpu*1e6, "cpu-us/lookup")
	b.ReportMetric(medianOf(theirs).cpu*1e6, "cpu-us/bare")
}

func bareMux(body string) http.Handler {
	r := mux.NewRouter()
	r.HandleFunc("/v1/tables/{table}/rows/{key}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	})
	return r
}

// pace is how fast requests were answered.
type pace struct {
	perSecond float64
	cpu       float64 // seconds per request, of client and server
}

func medianOf(all []pace) pace {
	all = slices.SortedFunc(slices.Values(all), func(a, b pace) int { return cmp.Compare(a.perSecond, b.perSecond) })
	return all[len(all)/2]
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// wide is a table of n rows as an order has them.
func wide(t testing.TB, n int) *liveTable {
	l := newLive(t, &tables.Table{
		Name: "orders", Key: []string{"id"}, SortKey: []string{"customer_id", "created_at"},
		Columns: []tables.Column{
			column("id", "int64"), column("status", "string"), column("total", "decimal(12,2)"), column("customer_id", "int64"),
			column("city", "string"), column("created_at", "timestamp"), column("paid", "bool"), column("weight", "float64"), column("note", "string"),
		},
	})
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = []any{i, "open", fmt.Sprintf("%d.%02d", i%1000, i%100), i % 5000, "Zürich", "2026-11-22T10:15:00.123456Z", true, "0.25", "a note of a line"}
	}
	l.put(t, tables.Position{1204, 998, 77, 12345, 9, 8, 7, 6}, rows...)
	l.seal(t, 1)
	return l
}

// seal makes the rows, whose keys count up from 0, the base of the store, as they
// are behind a batch.
func (l *liveTable) seal(t testing.TB, batch uint64) {
	t.Helper()
	snap := l.store.Snapshot()
	cut := store.Cut{Batch: batch, Changelog: l.store.Applied(), Source: snap.Position(), Rows: snap.Rows()}
	for i := range snap.Rows() {
		key := tables.EncodeKey(tables.Int64Value(i))
		values, _ := snap.Lookup(key, nil)
		cut.Checksum += wire.RowHash(key, wire.AppendValues(nil, values))
	}
	if _, err := l.store.Seal(context.Background(), cut); err != nil {
		t.Fatal(err)
	}
}

// load sends n requests over each of two connections.
func load(b *testing.B, addr string, n, rows int) pace {
	const connections = 2
	var wg sync.WaitGroup
	start, cpu := time.Now(), cpuTime()
	for c := range connections {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := drive(addr, n, rows, c); err != nil {
				b.Error(err)
			}
		}()
	}
	wg.Wait()
	total := float64(n * connections)
	return pace{perSecond: total / time.Since(start).Seconds(), cpu: (cpuTime() - cpu).Seconds() / total}
}

// drive is a client that costs as little as it can, so that the servers differ.
func drive(addr string, n, rows, seed int) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	var out []byte
	for i := range n {
		out = append(out[:0], "GET /v1/tables/orders/rows/"...)
		out = strconv.AppendInt(out, int64((i*7919+seed)%rows), 10)
		out = append(out, " HTTP/1.1\r\nHost: x\r\n\r\n"...)
		if _, err := conn.Write(out); err != nil {
			return err
		}
		if err := skipAnswer(in); err != nil {
			return err
		}
	}
	return nil
}

var contentLength = []byte("Content-Length: ")

func skipAnswer(in *bufio.Reader) error {
	length := -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			break
		}
		if bytes.HasPrefix(line, contentLength) {
			length = 0
			for _, c := range line[len(contentLength) : len(line)-2] {
				length = length*10 + int(c-'0')
			}
		}
	}
	if length < 100 {
		return fmt.Errorf("an answer of %d bytes", length)
	}
	_, err := in.Discard(length)
	return err
}

// BenchmarkLookupHandler is a lookup without a network.
func BenchmarkLookupHandler(b *testing.B) {
	l := wide(b, 100_000)
	h, err := api.New(api.Options{Tables: []*live.Table{l.api()}})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/v1/tables/orders/rows/4711", nil)
	w := &discard{h: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		h.ServeHTTP(w, r)
	}
}

type discard struct {
	h     http.Header
	bytes int
}

func (d *discard) Header() http.Header { return d.h }
func (d *discard) Write(b []byte) (int, error) {
	d.bytes += len(b)
	return len(b), nil
}
func (d *discard) WriteHeader(int) {}

// BenchmarkPageOfRows writes pages of 100 rows.
func BenchmarkPageOfRows(b *testing.B) {
	l := wide(b, 100_000)
	h, err := api.New(api.Options{Tables: []*live.Table{l.api()}})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/v1/tables/orders/rows?customer_id=gte.10", nil)
	w := &discard{h: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		h.ServeHTTP(w, r)
	}
	b.ReportMetric(100*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkBareHandler is the bare handler without a network.
func BenchmarkBareHandler(b *testing.B) {
	_, body := newWorld(b, nil, wide(b, 100)).do("GET", "/v1/tables/orders/rows/77", "")
	bare := bareMux(body)
	r := httptest.NewRequest("GET", "/v1/tables/orders/rows/4711", nil)
	w := &discard{h: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		bare.ServeHTTP(w, r)
	}
}

// BenchmarkStream writes all rows of a table in each form.
func BenchmarkStream(b *testing.B) {
	const rows = 100_000
	l := wide(b, rows)
	h, err := api.New(api.Options{Tables: []*live.Table{l.api()}})
	if err != nil {
		b.Fatal(err)
	}
	for _, form := range []string{"ndjson", "csv", "arrow"} {
		b.Run(form, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/v1/tables/orders/rows."+form, nil)
			w := &discard{h: http.Header{}}
			for b.Loop() {
				clear(w.h)
				w.bytes = 0
				h.ServeHTTP(w, r)
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(w.bytes)/rows, "bytes/row")
		})
	}
}
