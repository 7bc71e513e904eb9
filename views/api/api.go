package api

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/gorilla/mux"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/openapi"
	"github.com/tidemark/tidemark/views/api/reads"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/streams"
	"github.com/tidemark/tidemark/views/api/web"
)

// API serves live tables over HTTP. It is safe for concurrent use.
type API struct {
	Options
	tables  *live.Tables
	web     *web.Service
	reads   *reads.Handlers
	streams *streams.Handlers
	routes  []*web.Route
	byKey   *web.Route // of a row by its key
	router  *mux.Router

	describing sync.Mutex
	document   atomic.Pointer[[]byte] // of OpenAPI

	stopping context.Context // ends with Stop
	stop     context.CancelFunc
}

// New returns the handler of all routes.
func New(o Options) (*API, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("api options: %w", err)
	}
	o = o.withDefaults()
	a := &API{Options: o, tables: live.Serve(o.Tables)}
	a.stopping, a.stop = context.WithCancel(context.Background())
	var err error
	if a.web, err = web.New(o.web()); err != nil {
		return nil, err
	}
	a.reads, err = reads.New(reads.Options{Tables: a.tables, QueryTime: o.QueryTime, Stopping: a.stopping, Random: o.Random})
	if err != nil {
		return nil, err
	}
	a.streams, err = streams.New(streams.Options{Tables: a.tables, Stopping: a.stopping, Stall: o.Stall, Registerer: o.Registerer})
	if err != nil {
		return nil, err
	}
	a.route()
	a.describeAll()
	return a, nil
}

// OnLoopback says that only this machine is served, before it is: see Options.Loopback.
func (a *API) OnLoopback() { a.web.Loopback = true }

// Stop ends the streams of changes, which would continue as long as their clients do.
func (a *API) Stop() { a.stop() }

// Replace lets requests from now on see another generation of a table, all of it at
// once. Those that have begun continue with what they saw.
func (a *API) Replace(t *live.Table) error {
	if err := a.tables.Replace(t); err != nil {
		return err
	}
	a.describeAll()
	return nil
}

// describeAll makes the OpenAPI document of the tables as they are.
func (a *API) describeAll() {
	a.describing.Lock()
	defer a.describing.Unlock()
	all := make([]*tables.Table, len(a.tables.Names()))
	for i, name := range a.tables.Names() {
		all[i] = a.tables.At(name).Def
	}
	document := openapi.Document(a.Version, a.routes, all)
	a.document.Store(&document)
}

// openAPIDocument answers GET /v1/openapi.json.
func (a *API) openAPIDocument(*web.Call) (web.Answer, error) {
	document := *a.document.Load()
	return web.Answer{ContentType: render.TypeJSON, ETag: render.ContentTag(document), Body: document}, nil
}
