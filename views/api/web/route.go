package web

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/tidemark/tidemark/views/api/guard"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/events"
)

// Handler answers a call; it never writes.
type Handler func(*Call) (Answer, error)

// Route is a path and what is served there.
type Route struct {
	Path      string // with {variables}
	Get, Post Handler
	Effects   bool   // what is posted changes something
	Operation string // names it in the metrics and the OpenAPI document

	service  *Service
	observer observer
}

// Add makes a route one of the service, which may then be served.
func (s *Service) Add(r *Route) { r.service, r.observer = s, s.metrics.of(r.Operation) }

// Serve takes a request to its handler and the handler's answer to the client.
func (rt *Route) Serve(w http.ResponseWriter, r *http.Request, p Path) {
	c := rt.service.call(w, r, p)
	var status int
	err := rt.answer(c)
	if err == nil {
		status, err = rt.written(c)
	}
	c.ticket.Leave()
	if err != nil {
		status = c.fail(err)
	}
	rt.observer.observe(r.Method, status, c.Elapsed())
	if c.cut {
		panic(http.ErrAbortHandler)
	}
	c.over()
}

// written writes an answer. A panic in it is logged and counted as one in a handler is, and
// cuts off what has begun.
func (rt *Route) written(c *Call) (status int, err error) {
	defer func() {
		p := recover()
		switch {
		case p == nil:
		case p == http.ErrAbortHandler:
			status, c.cut = http.StatusInternalServerError, true
		case !c.begun:
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		default:
			rt.service.Events.AnswerCutOff(events.AnswerCutOff{
				ID: guard.RequestID(c.R), Path: c.R.URL.Path, Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack()),
			})
			status, c.cut = http.StatusInternalServerError, true
		}
	}()
	return c.write()
}

// answer finds the method's handler and calls it; a panic in it becomes an error.
func (rt *Route) answer(c *Call) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if done, err := rt.admit(c); done || err != nil {
		return err
	}
	h := rt.handler(c.R.Method)
	if h == nil {
		if c.R.Method == http.MethodOptions {
			c.W.Header().Set("Allow", rt.allow())
			c.answer = Answer{Status: http.StatusNoContent}
			return nil
		}
		return noMethod(c.R.Method, rt.allow())
	}
	const generations = 3 // that may follow each other while one request waits
	for range generations {
		if c.answer, err = h(c); !errors.Is(err, live.ErrReplaced) {
			break
		}
		c.Body = c.Body[:0]
	}
	return err
}

// admit refuses what may not be asked for from there, and answers a preflight, which has
// no handler.
func (rt *Route) admit(c *Call) (done bool, err error) {
	s := rt.service
	if s.Loopback && !s.Origins.Ours(c.R.Host) {
		return false, guard.StrangeHost(c.R.Host)
	}
	if rt.Effects && c.R.Method == http.MethodPost {
		if p := s.Origins.FromElsewhere(c.R); p != nil {
			return false, p
		}
	}
	if len(s.Origins) > 0 && s.Origins.Allow(c.W.Header(), c.R) {
		c.answer = Answer{Status: http.StatusNoContent}
		return true, nil
	}
	if len(c.R.RequestURI) > s.MaxURL {
		return false, &problem.Details{
			Kind: "url-too-long", Title: "The URL is too long", Status: http.StatusRequestURITooLong,
			Detail: fmt.Sprintf("a URL has at most %d bytes", s.MaxURL), Hint: "POST takes the parameters as a form in its body",
		}
	}
	return false, nil
}

func (rt *Route) handler(method string) Handler {
	switch method {
	case http.MethodGet, http.MethodHead:
		return rt.Get
	case http.MethodPost:
		return rt.Post
	}
	return nil
}

func (rt *Route) allow() string {
	switch {
	case rt.Get == nil:
		return "POST, OPTIONS"
	case rt.Post == nil:
		return "GET, HEAD, OPTIONS"
	}
	return "GET, HEAD, POST, OPTIONS"
}
