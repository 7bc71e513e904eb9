package api

import (
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

const (
	// sinkSize is how much of an answer is held before it is written, in bytes.
	sinkSize = 64 << 10
	// slowest is how long an answer that is there may take to be written.
	slowest = 30 * time.Second
)

// sink takes the body of an answer as it grows. The headers are written with the
// first bytes that leave it, so that an answer which fails before is a problem.
type sink struct {
	buf     []byte // to append to; then call grown
	api     *API
	call    *call
	ans     *answer
	out     io.Writer
	gz      io.WriteCloser
	release func()
	control *http.ResponseController
	started bool
}

// stream runs the body of an answer.
func (a *API) stream(c *call, ans *answer) error {
	s := &sink{buf: c.body, api: a, call: c, ans: ans, control: http.NewResponseController(c.w)}
	err := ans.stream(s)
	if err == nil {
		err = s.close()
	}
	if s.release != nil {
		s.release()
	}
	c.body = s.buf[:0]
	if err != nil && s.started {
		a.Logger.LogAttrs(c.r.Context(), slog.LevelDebug, "answer cut off", slog.String("path", c.r.URL.Path), slog.Any("error", err))
		c.cut = true
		return nil
	}
	return err
}

// grown writes what is held once it is much.
func (s *sink) grown() error {
	if len(s.buf) < sinkSize {
		return nil
	}
	return s.flush()
}

// Write implements io.Writer for encoders that want one.
func (s *sink) Write(b []byte) (int, error) {
	s.buf = append(s.buf, b...)
	return len(b), s.grown()
}

func (s *sink) flush() error {
	if !s.started {
		s.begin(acceptsGzip(s.call.r.Header) && s.ans.contentType[0] != typeParquet[0])
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(s.api.Stall)) // a writer without deadlines has none to extend
	_, err := s.out.Write(s.buf)
	s.buf = s.buf[:0]
	return err
}

// begin writes the headers.
func (s *sink) begin(compress bool) {
	s.started = true
	s.api.head(s.call, s.ans)
	s.out = pausing{s.call}
	if compress {
		s.call.w.Header()["Content-Encoding"] = encodingGzip
		s.gz, s.release = compressor(s.out)
		s.out = s.gz
	}
	s.call.w.WriteHeader(s.ans.status)
}

// close writes the rest. An answer that never left the sink gets its length.
func (s *sink) close() error {
	if !s.started {
		if len(s.buf) < minCompressed || !acceptsGzip(s.call.r.Header) {
			s.call.w.Header()["Content-Length"] = []string{strconv.Itoa(len(s.buf))}
			s.begin(false)
		}
	}
	if err := s.flush(); err != nil || s.gz == nil {
		return err
	}
	return s.gz.Close()
}
