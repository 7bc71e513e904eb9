package api

import (
	"io"
	"net/http"
)

// told remembers the status that a handler of others writes.
type told struct {
	http.ResponseWriter
	status int
}

func (t *told) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

// ReadFrom keeps the way of files past our memory open.
func (t *told) ReadFrom(r io.Reader) (int64, error) { return io.Copy(t.ResponseWriter, r) }

// Unwrap lets http.ResponseController reach the connection.
func (t *told) Unwrap() http.ResponseWriter { return t.ResponseWriter }
