package web

import (
	"io"
	"net/http"
)

// recorder remembers the status that a handler of others writes.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// ReadFrom keeps the way of files past our memory open.
func (r *recorder) ReadFrom(body io.Reader) (int64, error) { return io.Copy(r.ResponseWriter, body) }

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
