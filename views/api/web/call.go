package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/guard"
)

// Call is one request on its way. Calls are used again: nothing may keep one.
type Call struct {
	W     http.ResponseWriter
	R     *http.Request
	Path  Path
	Start time.Time

	// Room that is used again, to append to: the body of the answer, the values of a row,
	// and a key.
	Body   []byte
	Values []tables.Value
	Key    []byte

	service *Service
	ticket  guard.Ticket
	answer  Answer
	begun   bool // something of the answer may have been written
	cut     bool // the answer failed in its middle: cut the connection
}

// Path is what the path of a request names, percent-encoded as it was there.
type Path struct {
	Table     string
	Key       string            // of a row
	Variables map[string]string // whatever else the route has
}

var calls = sync.Pool{New: func() any { return &Call{Body: make([]byte, 0, 1024)} }}

// maxKept is the largest body buffer that is used again.
const maxKept = 64 << 10

func (s *Service) call(w http.ResponseWriter, r *http.Request, p Path) *Call {
	c := calls.Get().(*Call)
	c.W, c.R, c.Path, c.Start = w, r, p, s.Clock()
	c.Body, c.Values, c.Key = c.Body[:0], c.Values[:0], c.Key[:0]
	c.service, c.ticket, c.answer, c.begun, c.cut = s, s.gate.Ticket(), Answer{}, false, false
	return c
}

// over gives a call back.
func (c *Call) over() {
	if cap(c.Body) > maxKept {
		return
	}
	clear(c.Values[:cap(c.Values)])
	c.W, c.R, c.Path, c.answer = nil, nil, Path{}, Answer{}
	calls.Put(c)
}

// Until returns a context that ends after d, and with the request.
func (c *Call) Until(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.R.Context(), d)
}

// Elapsed returns how long the call has been on its way.
func (c *Call) Elapsed() time.Duration { return c.service.Clock().Sub(c.Start) }

// Enter takes one of the places for heavy reads, once for the whole call.
func (c *Call) Enter(ctx context.Context) error { return c.ticket.Enter(ctx) }

// Parameters returns the parameters of the call as a URL has them: see ask.Parameters.
func (c *Call) Parameters() (string, error) {
	return ask.Parameters(c.W, c.R, c.service.MaxBody)
}

// Sent returns the body of the request; example says how one is written.
func (c *Call) Sent(example string) ([]byte, error) {
	return ask.Body(c.W, c.R, c.service.MaxBody, example)
}
