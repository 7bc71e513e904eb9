package streams

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/query"
)

// Options are what the handlers work with. None has a default here.
type Options struct {
	Tables     *live.Tables
	Stopping   context.Context // ends streams, which would go on as long as their clients do
	Stall      time.Duration   // how long one write may take before the client counts as gone
	Registerer prometheus.Registerer
}

// Handlers answer those who follow tables.
type Handlers struct {
	Options
	metrics *metrics
	writers writers
}

// New returns the handlers, and registers their metrics.
func New(o Options) (*Handlers, error) {
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("register the metrics of streams: %w", err)
	}
	return &Handlers{Options: o, metrics: m}, nil
}

// Changes answers GET /v1/tables/{table}/changes with a stream of server-sent events
// (HTML Living Standard, section 9.2).
func (h *Handlers) Changes(c *web.Call) (web.Answer, error) {
	t, err := h.Tables.Ready(c.Path.Table)
	if err != nil {
		return web.Answer{}, err
	}
	if t.Changes == nil {
		return web.Answer{}, live.ErrUnavailable
	}
	if err := render.AcceptsEvents(c.R.Header); err != nil {
		return web.Answer{}, err
	}
	q, snapshot, err := query.ParseChanges(c.R.URL.RawQuery, t.Def)
	if err != nil {
		return web.Answer{}, err
	}
	if err := t.Await(c.R, c.W.Header(), c.Start); err != nil {
		return web.Answer{}, err
	}
	if err := comeBack(c, t); err != nil {
		return web.Answer{}, err
	}
	feed, snap, err := t.Changes.Follow(c.R.Context())
	if err != nil {
		return web.Answer{}, err
	}
	if c.R.Method == http.MethodHead {
		return web.Answer{ContentType: render.TypeEvents, Of: t, Snapshot: snap}, nil
	}
	s := &stream{h: h, name: c.Path.Table, r: c.R, wantsRows: snapshot, resume: c.R.Header.Get("Last-Event-ID")}
	return web.Answer{ContentType: render.TypeEvents, Of: t, Snapshot: snap, Raw: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.of(t, q)
		defer s.leave()
		s.w, s.control = w, http.NewResponseController(w)
		s.run(feed, snap)
	})}, nil
}
