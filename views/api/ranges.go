package api

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// rangedWriter tells a range that the file does not have as a problem, which the library
// tells as plain text.
type rangedWriter struct {
	http.ResponseWriter
	api     *API
	r       *http.Request
	size    int64
	refused bool
}

// WriteHeader implements http.ResponseWriter.
func (w *rangedWriter) WriteHeader(status int) {
	if status != http.StatusRequestedRangeNotSatisfiable {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.refused = true
	h := w.Header()
	h.Del("Content-Disposition")
	h["Content-Type"] = typeProblem
	h.Set("Cache-Control", "no-store")
	id := requestID(w.r)
	h.Set("X-Request-Id", id)
	p := &Problem{
		Kind: "range-not-satisfiable", Title: "The file has no such range", Status: status, Field: "Range",
		Detail: fmt.Sprintf("the file has %d bytes, and the range is not well formed or none of them", w.size),
		Hint:   "write for example bytes=0-1023, or leave it out for the whole file",
	}
	body := p.append(nil, id)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.ResponseWriter.WriteHeader(status)
	if w.r.Method != http.MethodHead {
		_, _ = w.ResponseWriter.Write(body) // a client that went away: there is nobody to tell
	}
}

// Write implements http.ResponseWriter.
func (w *rangedWriter) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// ReadFrom keeps the way of files past our memory open.
func (w *rangedWriter) ReadFrom(r io.Reader) (int64, error) {
	if w.refused {
		return io.Copy(io.Discard, r)
	}
	return io.Copy(w.ResponseWriter, r)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *rangedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
