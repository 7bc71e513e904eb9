package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// call is one request on its way. Calls are used again: nothing may keep one.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	name   string // of the table, from the path
	path   string // of the row: its key, percent-encoded
	body   []byte // of the answer, to append to
	values []tables.Value
	key    []byte
	start  time.Time
	begun  bool // something of the answer may have been written
	cut    bool // the answer failed in its middle: cut the connection
	ticket ticket
}

// answer is what a handler returns. Its body is one of body, stream and raw.
type answer struct {
	status      int      // 0: 200
	contentType []string // shared: never changed
	etag        string   // empty: none
	location    string
	attachment  string // a file name for who saves the answer
	of          *served
	snapshot    *store.Snapshot // what was read, for the headers; nil: nothing
	body        []byte
	stream      func(*sink) error
	raw         http.Handler // writes by itself: what the standard library and others do better
}

var calls = sync.Pool{New: func() any { return &call{body: make([]byte, 0, 1024)} }}

// maxKept is the largest body buffer that is used again.
const maxKept = 64 << 10

// serve takes a request to its handler and the handler's answer to the client.
func (rt *route) serve(w http.ResponseWriter, r *http.Request, table, key string) {
	c := calls.Get().(*call)
	c.w, c.r, c.name, c.path = w, r, table, key
	c.body, c.values, c.key = c.body[:0], c.values[:0], c.key[:0]
	c.start, c.begun, c.cut, c.ticket = rt.api.Clock(), false, false, ticket{gate: rt.api.gate}
	ans, err := rt.answer(c)
	var status int
	if err == nil {
		status, err = rt.written(c, &ans)
	}
	c.ticket.leave()
	if err != nil {
		status = rt.api.fail(c, err)
	}
	rt.observer.observe(r.Method, status, rt.api.Clock().Sub(c.start))
	if c.cut {
		panic(http.ErrAbortHandler)
	}
	if cap(c.body) <= maxKept {
		clear(c.values[:cap(c.values)])
		c.w, c.r = nil, nil
		calls.Put(c)
	}
}

// written writes an answer. A panic in it is told and counted as one in a handler is, and
// cuts off what has begun.
func (rt *route) written(c *call, ans *answer) (status int, err error) {
	defer func() {
		p := recover()
		switch {
		case p == nil:
		case p == http.ErrAbortHandler:
			status, c.cut = http.StatusInternalServerError, true
		case !c.begun:
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		default:
			rt.api.Logger.LogAttrs(c.r.Context(), slog.LevelError, "answer cut off", slog.String("request_id", requestID(c.r)),
				slog.String("path", c.r.URL.Path), slog.Any("error", fmt.Errorf("panic: %v\n%s", p, debug.Stack())))
			status, c.cut = http.StatusInternalServerError, true
		}
	}()
	return rt.api.write(c, ans)
}

// answer finds the method's handler and calls it; a panic in it becomes an error.
func (rt *route) answer(c *call) (ans answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if rt.api.Loopback && !rt.api.ours(c.r.Host) {
		return answer{}, strangeHost(c.r.Host)
	}
	if rt.effects && c.r.Method == http.MethodPost {
		if p := rt.api.fromElsewhere(c.r); p != nil {
			return answer{}, p
		}
	}
	if len(rt.api.CORSOrigins) > 0 {
		if rt.api.allowOrigin(c) {
			return answer{status: http.StatusNoContent}, nil
		}
	}
	if len(c.r.RequestURI) > rt.api.MaxURL {
		return answer{}, &Problem{
			Kind: "url-too-long", Title: "The URL is too long", Status: http.StatusRequestURITooLong,
			Detail: fmt.Sprintf("a URL has at most %d bytes", rt.api.MaxURL), Hint: "POST takes the parameters as a form in its body",
		}
	}
	h := rt.handler(c.r.Method)
	if h == nil {
		if c.r.Method == http.MethodOptions {
			c.w.Header().Set("Allow", rt.allow())
			return answer{status: http.StatusNoContent}, nil
		}
		return answer{}, noMethod(c.r.Method, rt.allow())
	}
	const generations = 3 // that may follow each other while one request waits
	for range generations {
		if ans, err = h(c); !errors.Is(err, ErrReplaced) {
			break
		}
		c.body = c.body[:0]
	}
	return ans, err
}

func (rt *route) handler(method string) handler {
	switch method {
	case http.MethodGet, http.MethodHead:
		return rt.get
	case http.MethodPost:
		return rt.post
	}
	return nil
}

func (rt *route) allow() string {
	switch {
	case rt.get == nil:
		return "POST, OPTIONS"
	case rt.post == nil:
		return "GET, HEAD, OPTIONS"
	}
	return "GET, HEAD, POST, OPTIONS"
}

// write writes an answer. It returns an error only as long as nothing is written;
// an answer that fails in the middle is cut off, so that no client takes it for whole.
func (a *API) write(c *call, ans *answer) (int, error) {
	if ans.raw != nil {
		if ans.contentType != nil {
			a.head(c, ans)
		}
		c.begun = true
		w := &told{ResponseWriter: c.w, status: http.StatusOK}
		ans.raw.ServeHTTP(w, c.r)
		return w.status, nil
	}
	if ans.status == 0 {
		ans.status = http.StatusOK
	}
	if ans.etag != "" && matches(c.r.Header["If-None-Match"], ans.etag) {
		ans.status, ans.stream = http.StatusNotModified, nil
		a.head(c, ans)
		c.w.WriteHeader(ans.status)
		return ans.status, nil
	}
	if ans.stream != nil {
		return ans.status, a.stream(c, ans)
	}
	a.head(c, ans)
	h := c.w.Header()
	if len(ans.body) >= minCompressed && acceptsGzip(c.r.Header) {
		return ans.status, writeCompressed(c, ans)
	}
	if len(ans.body) >= selfMeasured {
		h["Content-Length"] = []string{strconv.Itoa(len(ans.body))}
	}
	if ans.status != http.StatusOK {
		c.w.WriteHeader(ans.status)
	}
	_, _ = c.w.Write(ans.body) // a client that went away: there is nobody to tell
	return ans.status, nil
}

// selfMeasured is the size from which on the server does not find out the length of
// a body by itself, in bytes.
const selfMeasured = 2 << 10

// head sets the headers of an answer.
func (a *API) head(c *call, ans *answer) {
	c.begun = true
	h := c.w.Header()
	if ans.contentType != nil {
		h["Content-Type"] = ans.contentType
	}
	if ans.stream != nil || len(ans.body) >= minCompressed {
		h["Vary"] = varies
	}
	if ans.etag != "" {
		h["Etag"] = []string{ans.etag}
		h["Cache-Control"] = revalidate
	}
	if ans.location != "" {
		h.Set("Location", ans.location)
	}
	if ans.attachment != "" {
		h.Set("Content-Disposition", `attachment; filename="`+ans.attachment+`"`)
	}
	if ans.snapshot != nil {
		ans.of.set(h, ans.snapshot, c.start)
	}
	if id := c.r.Header["X-Request-Id"]; id != nil {
		h["X-Request-Id"] = []string{requestID(c.r)}
	}
}

var (
	varies     = []string{"Accept, Accept-Encoding"}
	revalidate = []string{"no-cache"}
)

// fail writes the problem of an error, and logs what the client is not told.
func (a *API) fail(c *call, err error) int {
	if c.r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return statusClientGone
	}
	p, id := problemOf(err), requestID(c.r)
	level := slog.LevelDebug
	switch p.Kind {
	case kindInternal:
		level = slog.LevelError
	case kindUnavailable:
		level = slog.LevelWarn
	}
	a.Logger.LogAttrs(c.r.Context(), level, "request not answered", slog.String("request_id", id), slog.String("method", c.r.Method),
		slog.String("path", c.r.URL.Path), slog.Int("status", p.Status), slog.Any("error", err))
	h := c.w.Header()
	h["Content-Type"] = typeProblem
	h.Set("X-Request-Id", id)
	h.Set("Cache-Control", "no-store")
	if p.Allow != "" {
		h.Set("Allow", p.Allow)
	}
	if p.Position != "" {
		h.Set("Tidemark-Position", p.Position)
	}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	body := p.append(c.body[:0], id)
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.w.WriteHeader(p.Status)
	_, _ = c.w.Write(body)
	return p.Status
}

// statusClientGone is counted for a client that went away before its answer.
const statusClientGone = 499

func appendInt(dst []byte, i int64) []byte { return strconv.AppendInt(dst, i, 10) }

// table returns the table that the path names, if it can be read: up to date, or as
// it was some time ago.
func (a *API) table(c *call) (*served, error) {
	t, err := a.named(c)
	if err == nil && !t.Tide.Readable() {
		err = notReady(t.def.Name, t.Tide.Status())
	}
	return t, err
}

// ready returns the table that the path names, if it is up to date.
func (a *API) ready(c *call) (*served, error) {
	t, err := a.named(c)
	if err == nil && !t.Tide.Ready() {
		err = notReady(t.def.Name, t.Tide.Status())
	}
	return t, err
}

// named returns the table that the path names.
func (a *API) named(c *call) (*served, error) {
	slot, ok := a.tables[c.name]
	if !ok {
		return nil, noTable(c.name, a.names)
	}
	return slot.Load(), nil
}

// until returns a context that ends after d, and with the request.
func (c *call) until(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.r.Context(), d)
}
