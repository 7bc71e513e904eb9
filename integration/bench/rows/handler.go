package rows

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// direct calls are made by one goroutine, without a network.
const directCalls = 300_000

// direct prints what a lookup costs in the store, what its handler does, and a bare one,
// when the same key is asked for again and again, and when any row is: the difference
// is waiting for memory.
func (b *Bench) direct(w *world, handler, bare http.Handler) {
	values, buf := make([]tables.Value, 0, len(w.table.Columns)), make([]byte, 0, 16)
	serve := func(h http.Handler) func(int) {
		r, out := httptest.NewRequest(http.MethodGet, "/v1/tables/orders/rows/0", nil), &discard{head: http.Header{}}
		return func(id int) {
			clear(out.head)
			r.URL.Path = "/v1/tables/orders/rows/" + strconv.Itoa(id)
			h.ServeHTTP(out, r)
		}
	}
	fmt.Fprintf(b.Out, "\n### Without a network: %d rows\n\n| what | the same row | any row | allocations |\n|---|---|---|---|\n", w.rows)
	for _, what := range []struct {
		name string
		call func(id int)
	}{
		{"lookup in the store", func(id int) {
			buf = tables.AppendKey(buf[:0], tables.Int64Value(int64(id)))
			values, _ = w.store.Snapshot().Lookup(tables.Key(buf), values[:0])
		}},
		{"the lookup's handler", serve(handler)},
		{"bare handler", serve(bare)},
	} {
		same, _ := spent(what.call, func(int) int { return 4711 })
		d := dice(1)
		any, allocations := spent(what.call, func(int) int { return int(d.below(w.rows)) })
		fmt.Fprintf(b.Out, "| %s | %s | %s | %.0f |\n", what.name, show(same), show(any), allocations)
	}
}

// spent returns the processor time and the allocations of a call.
func spent(call func(id int), id func(n int) int) (each time.Duration, allocations float64) {
	for n := range directCalls / 100 {
		call(id(n))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := cpu()
	for n := range directCalls {
		call(id(n))
	}
	each = (cpu() - began) / directCalls
	runtime.ReadMemStats(&after)
	return each, float64(after.Mallocs-before.Mallocs) / directCalls
}

// discard is an answer that nobody reads.
type discard struct{ head http.Header }

func (d *discard) Header() http.Header         { return d.head }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}
