package web

import (
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/tidemark/tidemark/views/api/guard"
	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/api/render"
)

// RangedWriter reports a range that the file does not have as a problem, which the library
// writes as plain text.
type RangedWriter struct {
	http.ResponseWriter
	R       *http.Request
	Size    int64 // of the file
	refused bool
}

// WriteHeader implements http.ResponseWriter.
func (w *RangedWriter) WriteHeader(status int) {
	if status != http.StatusRequestedRangeNotSatisfiable {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.refused = true
	h := w.Header()
	h.Del("Content-Disposition")
	h["Content-Type"] = render.TypeProblem
	h.Set("Cache-Control", "no-store")
	id := guard.RequestID(w.R)
	h.Set("X-Request-Id", id)
	p := &problem.Details{
		Kind: "range-not-satisfiable", Title: "The file has no such range", Status: status, Field: "Range",
		Detail: fmt.Sprintf("the file has %d bytes, and the range is not well formed or none of them", w.Size),
		Hint:   "write for example bytes=0-1023, or leave it out for the whole file",
	}
	body := p.Append(nil, id)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.ResponseWriter.WriteHeader(status)
	if w.R.Method != http.MethodHead {
		_, _ = w.ResponseWriter.Write(body) // a client that went away: nobody reads it
	}
}

// Write implements http.ResponseWriter.
func (w *RangedWriter) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// ReadFrom keeps the way of files past our memory open.
func (w *RangedWriter) ReadFrom(r io.Reader) (int64, error) {
	if w.refused {
		return io.Copy(io.Discard, r)
	}
	return io.Copy(w.ResponseWriter, r)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *RangedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
