package api

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/query"
)

func (a *API) allRoutes() []*web.Route {
	const t = "/v1/tables/{table}"
	return []*web.Route{ // the first is a.byKey
		{Path: t + "/rows/{key:[^/]*}", Get: a.reads.Row, Operation: "getRow"},
		{Path: t + "/rows", Get: a.reads.Rows, Post: a.reads.Rows, Operation: "getRows"},
		{Path: t + "/rows.{format:json|csv|ndjson|parquet|arrow}", Get: a.reads.Rows, Post: a.reads.Rows, Operation: "getRowsAs"},
		{Path: t + "/changes", Get: a.streams.Changes, Operation: "getChanges"},
		{Path: t + "/lookup", Post: a.reads.Lookup, Operation: "lookup"},
		{Path: t + "/batches", Get: a.batches, Post: a.takeBatch, Effects: true, Operation: "batches"},
		{Path: t + "/batches/{batch:[0-9]+}.parquet", Get: a.batchFile, Operation: "getBatchFile"},
		{Path: t + "/replay", Post: a.replay, Effects: true, Operation: "replay"},
		{Path: t, Get: a.describe, Operation: "getTable"},
		{Path: "/v1/tables", Get: a.list, Operation: "getTables"},
		{Path: "/v1/openapi.json", Get: a.openAPIDocument, Operation: "getOpenAPI"},
		{Path: "/livez", Get: a.livez, Operation: "getLive"},
		{Path: "/readyz", Get: a.readyz, Operation: "getReady"},
		{Path: "/metrics", Get: a.exposition, Operation: "getMetrics"},
	}
}

// route makes the router of all routes.
func (a *API) route() {
	a.routes = a.allRoutes()
	a.byKey = a.routes[0]
	a.router = mux.NewRouter().UseEncodedPath().SkipClean(true)
	for _, r := range a.routes {
		a.web.Add(r)
		a.router.Handle(r.Path, routed{r})
	}
	nowhere := &web.Route{Get: a.nowhere, Post: a.nowhere, Operation: "none"}
	a.web.Add(nowhere)
	a.router.NotFoundHandler = routed{nowhere}
}

// routed is a route as the router finds it.
type routed struct{ *web.Route }

// ServeHTTP serves a request that the router brought.
func (rt routed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	named := mux.Vars(r)
	rt.Serve(w, r, web.Path{Table: named["table"], Variables: named})
}

// ServeHTTP answers a request. A row by its key is the call that is made most, and
// the router costs as much as all the rest of it: its path is looked at first.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if r.URL.RawPath != "" || strings.IndexByte(path, '%') >= 0 {
		path = r.URL.EscapedPath() // else nothing in it is encoded that the key's parts would be cut at
	}
	if table, key, ok := rowPath(path); ok {
		a.byKey.Serve(w, r, web.Path{Table: table, Key: key})
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

// exposition serves the metrics. The library negotiates and compresses by itself.
func (a *API) exposition(*web.Call) (web.Answer, error) {
	return web.Answer{Raw: promhttp.HandlerFor(a.Gatherer, promhttp.HandlerOpts{})}, nil
}

func (a *API) nowhere(c *web.Call) (web.Answer, error) {
	p := &problem.Details{
		Kind: "not-found", Title: "There is nothing here", Status: http.StatusNotFound,
		Detail: "nothing is served at " + query.Quote(c.R.URL.Path), Hint: "GET /v1/openapi.json describes every path",
	}
	paths := make([]string, len(a.routes))
	for i, r := range a.routes {
		paths[i] = r.Path
	}
	if near := query.Nearest(c.R.URL.Path, paths); near != "" && !strings.Contains(near, "{") {
		p.Hint = "did you mean " + near + "?"
	}
	return web.Answer{}, p
}
