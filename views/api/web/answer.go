package web

import (
	"net/http"
	"strconv"

	"github.com/tidemark/tidemark/views/api/guard"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store"
)

// Answer is what a handler returns. Its body is one of Body, Stream and Raw.
type Answer struct {
	Status      int      // 0: 200
	ContentType []string // shared: never changed
	ETag        string   // empty: none
	Location    string
	Attachment  string // a file name for who saves the answer
	Of          *live.Served
	Snapshot    *store.Snapshot // what was read, for the headers; nil: nothing
	Body        []byte
	Stream      func(*render.Sink) error
	Raw         http.Handler // writes by itself: what the standard library and others do better
}

// write writes the answer. It returns an error only as long as nothing is written;
// an answer that fails in the middle is cut off, so that no client takes it for whole.
func (c *Call) write() (int, error) {
	ans := &c.answer
	if ans.Raw != nil {
		if ans.ContentType != nil {
			c.SetHeader()
		}
		c.begun = true
		w := &recorder{ResponseWriter: c.W, status: http.StatusOK}
		ans.Raw.ServeHTTP(w, c.R)
		return w.status, nil
	}
	if ans.Status == 0 {
		ans.Status = http.StatusOK
	}
	if ans.ETag != "" && render.Matches(c.R.Header["If-None-Match"], ans.ETag) {
		ans.Status, ans.Stream = http.StatusNotModified, nil
		c.SetHeader()
		c.W.WriteHeader(ans.Status)
		return ans.Status, nil
	}
	if ans.Stream != nil {
		return ans.Status, c.stream()
	}
	c.SetHeader()
	if len(ans.Body) >= render.MinCompressed && render.AcceptsGzip(c.R.Header) {
		c.cut = render.WriteCompressed(c.W, ans.Status, ans.Body) != nil
		return ans.Status, nil
	}
	if len(ans.Body) >= selfMeasured {
		c.W.Header()["Content-Length"] = []string{strconv.Itoa(len(ans.Body))}
	}
	if ans.Status != http.StatusOK {
		c.W.WriteHeader(ans.Status)
	}
	_, _ = c.W.Write(ans.Body) // a client that went away: nobody reads it
	return ans.Status, nil
}

// stream runs the body of an answer.
func (c *Call) stream() error {
	s := render.NewSink(render.Target{
		Request: c.R, Response: c.W, Header: c, Body: (*body)(c),
		Status: c.answer.Status, ContentType: c.answer.ContentType, Stall: c.service.Stall,
	}, c.Body, c.Values)
	err := s.Take(c.answer.Stream)
	c.Body, c.Values = s.Buf[:0], s.Values
	if err != nil && s.Started() {
		c.service.Events.AnswerCutOff(events.AnswerCutOff{Path: c.R.URL.Path, Err: err})
		c.cut = true
		return nil
	}
	return err
}

// body is the body of a call's answer: while the client takes some of it, the call has no
// place among the heavy reads.
type body Call

// Write implements io.Writer.
func (b *body) Write(p []byte) (int, error) { return b.ticket.Write(b.R.Context(), b.W, p) }

// selfMeasured is the size from which on the server does not find out the length of
// a body by itself, in bytes.
const selfMeasured = 2 << 10

// SetHeader sets the headers of the answer, which is about to be written.
func (c *Call) SetHeader() {
	ans := &c.answer
	c.begun = true
	h := c.W.Header()
	if ans.ContentType != nil {
		h["Content-Type"] = ans.ContentType
	}
	if ans.Stream != nil || len(ans.Body) >= render.MinCompressed {
		h["Vary"] = varies
	}
	if ans.ETag != "" {
		h["Etag"] = []string{ans.ETag}
		h["Cache-Control"] = revalidate
	}
	if ans.Location != "" {
		h.Set("Location", ans.Location)
	}
	if ans.Attachment != "" {
		h.Set("Content-Disposition", `attachment; filename="`+ans.Attachment+`"`)
	}
	if ans.Snapshot != nil {
		ans.Of.SetHeaders(h, ans.Snapshot, c.Start)
	}
	if id := c.R.Header["X-Request-Id"]; id != nil {
		h["X-Request-Id"] = []string{guard.RequestID(c.R)}
	}
}

var (
	varies     = []string{"Accept, Accept-Encoding"}
	revalidate = []string{"no-cache"}
)
