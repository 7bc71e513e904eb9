package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tidemark/tidemark/tables"
)

// API serves live tables over HTTP. It is safe for concurrent use.
type API struct {
	Options
	tables  map[string]*atomic.Pointer[served]
	names   []string // in the order of the options
	cursors *cursors
	metrics *metrics
	gate    *gate
	routes  []*route
	byKey   *route // of a row by its key
	router  *mux.Router
	openapi atomic.Pointer[[]byte]

	replacing sync.Mutex
	stopping  context.Context // ends with Stop
	stop      context.CancelFunc
}

// handler answers a call; it never writes.
type handler func(*call) (answer, error)

// route is a path and what is served there.
type route struct {
	path      string // with {variables}
	get, post handler
	effects   bool   // what is posted changes something
	operation string // names it in the metrics and the OpenAPI document
	api       *API
	observer  observer
}

func (a *API) allRoutes() []*route {
	const t = "/v1/tables/{table}"
	return []*route{ // the first is a.byKey
		{path: t + "/rows/{key:[^/]*}", get: a.row, operation: "getRow"},
		{path: t + "/rows", get: a.rows, post: a.rows, operation: "getRows"},
		{path: t + "/rows.{format:json|csv|ndjson|parquet|arrow}", get: a.rows, post: a.rows, operation: "getRowsAs"},
		{path: t + "/changes", get: a.changes, operation: "getChanges"},
		{path: t + "/lookup", post: a.lookup, operation: "lookup"},
		{path: t + "/batches", get: a.batches, post: a.takeBatch, effects: true, operation: "batches"},
		{path: t + "/batches/{batch:[0-9]+}.parquet", get: a.batchFile, operation: "getBatchFile"},
		{path: t + "/replay", post: a.replay, effects: true, operation: "replay"},
		{path: t, get: a.describe, operation: "getTable"},
		{path: "/v1/tables", get: a.list, operation: "getTables"},
		{path: "/v1/openapi.json", get: a.openAPIDocument, operation: "getOpenAPI"},
		{path: "/livez", get: a.livez, operation: "getLive"},
		{path: "/readyz", get: a.readyz, operation: "getReady"},
		{path: "/metrics", get: a.exposition, operation: "getMetrics"},
	}
}

// New returns the handler of all routes.
func New(o Options) (*API, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("api options: %w", err)
	}
	a := &API{Options: o.withDefaults(), tables: map[string]*atomic.Pointer[served]{}}
	a.stopping, a.stop = context.WithCancel(context.Background())
	var err error
	if a.cursors, err = newCursors(a.Random); err != nil {
		return nil, fmt.Errorf("make a key for cursors: %w", err)
	}
	a.gate = newGate(a.Scans, a.Queue, queueTime)
	if a.metrics, err = newMetrics(a.Registerer, a.gate); err != nil {
		return nil, fmt.Errorf("register the metrics of the API: %w", err)
	}
	for _, t := range a.Options.Tables {
		slot := new(atomic.Pointer[served])
		slot.Store(newServed(t))
		a.tables[t.Table.Name] = slot
		a.names = append(a.names, t.Table.Name)
	}
	a.routes = a.allRoutes()
	a.byKey = a.routes[0]
	a.router = mux.NewRouter().UseEncodedPath().SkipClean(true)
	for _, r := range a.routes {
		r.api, r.observer = a, a.metrics.of(r)
		a.router.Handle(r.path, r)
	}
	a.router.NotFoundHandler = &route{api: a, observer: a.metrics.of(nil), get: a.nowhere, post: a.nowhere}
	a.describeAll()
	return a, nil
}

// OnLoopback says that only this machine is served, before it is: see Options.Loopback.
func (a *API) OnLoopback() { a.Loopback = true }

// Stop ends the streams of changes, which would go on as long as their clients do.
func (a *API) Stop() { a.stop() }

// ServeHTTP answers a request. A row by its key is the call that is made most, and
// the router costs as much as all the rest of it: its path is looked at first.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if r.URL.RawPath != "" || strings.IndexByte(path, '%') >= 0 {
		path = r.URL.EscapedPath() // else nothing in it is encoded that the key's parts would be cut at
	}
	if table, key, ok := rowPath(path); ok {
		a.byKey.serve(w, r, table, key)
		return
	}
	a.router.ServeHTTP(w, r)
}

// rowPath splits the path /v1/tables/{table}/rows/{key}.
func rowPath(path string) (table, key string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/v1/tables/")
	if !ok {
		return "", "", false
	}
	table, rest, _ = strings.Cut(rest, "/")
	key, ok = strings.CutPrefix(rest, "rows/")
	return table, key, ok && table != "" && strings.IndexByte(key, '/') < 0
}

// ServeHTTP serves a request that the router brought.
func (rt *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rt.serve(w, r, mux.Vars(r)["table"], "")
}

// variable returns a part of the path as it stood there, percent-encoded.
func (c *call) variable(name string) string { return mux.Vars(c.r)[name] }

// exposition serves the metrics. The library negotiates and compresses by itself.
func (a *API) exposition(*call) (answer, error) {
	return answer{raw: promhttp.HandlerFor(a.Gatherer, promhttp.HandlerOpts{})}, nil
}

func (a *API) nowhere(c *call) (answer, error) {
	paths := make([]string, len(a.routes))
	for i, r := range a.routes {
		paths[i] = r.path
	}
	return answer{}, noRoute(c.r.URL.Path, paths)
}

// served is a table with what is computed once for all its answers.
type served struct {
	*Table
	def   *tables.Table
	whole *shape // all columns, as rows by key have them
	keys  []int
	types []tables.Type // of the key
	stamp stamps
	tells writers // of those who follow it
}

// at returns a table as it is read now.
func (a *API) at(name string) *served { return a.tables[name].Load() }

func newServed(t *Table) *served {
	return &served{Table: t, def: t.Table, whole: wholeShape(t.Table), keys: t.Table.KeyColumns(), types: t.Table.KeyTypes()}
}
