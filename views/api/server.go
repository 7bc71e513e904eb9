package api

import (
	"net/http"
	"time"
)

// NewServer returns a server for the API with the limits that keep slow and hostile
// clients from holding connections. Long answers extend the time to write as long
// as their client goes on reading.
func NewServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      maxWait + slowest,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}
