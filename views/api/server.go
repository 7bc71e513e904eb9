package api

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/guard"
	"github.com/tidemark/tidemark/views/api/web"
)

// NewServer returns a server for the API with the limits that keep slow and hostile
// clients from holding connections. Long answers extend the time to write as long
// as their client continues reading. The time to read holds for headers and body
// together: a second deadline would cost each request a timer.
func NewServer(h http.Handler) *http.Server {
	s := &http.Server{
		Handler:        h,
		ReadTimeout:    30 * time.Second,
		WriteTimeout:   ask.MaxWait + web.Slowest,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			guard.LimitUnsent(c)
			return ctx
		},
	}
	if a, ok := h.(*API); ok {
		s.RegisterOnShutdown(a.Stop)
	}
	return s
}
