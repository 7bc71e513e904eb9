package web

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"github.com/tidemark/tidemark/views/api/guard"
	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/events"
)

// fail writes the problem of an error, and logs what the client does not see.
func (c *Call) fail(err error) int {
	if c.R.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return statusClientGone
	}
	p, id := problemOf(err), guard.RequestID(c.R)
	level := slog.LevelDebug
	switch p.Kind {
	case problem.Internal:
		level = slog.LevelError
	case problem.Unavailable:
		level = slog.LevelWarn
	}
	c.service.Events.RequestFailed(events.RequestFailed{
		ID: id, Method: c.R.Method, Path: c.R.URL.Path, Status: p.Status, Err: err, Level: level,
	})
	h := c.W.Header()
	h["Content-Type"] = render.TypeProblem
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
	body := p.Append(c.Body[:0], id)
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.W.WriteHeader(p.Status)
	_, _ = c.W.Write(body)
	return p.Status
}

// statusClientGone is counted for a client that went away before its answer.
const statusClientGone = 499
