package render

import (
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// sinkSize is how much of an answer is held before it is written, in bytes.
const sinkSize = 64 << 10

// Sink takes the body of an answer as it grows. The headers are written with the
// first bytes that leave it, so that an answer which fails before is a problem.
type Sink struct {
	Buf    []byte         // to append to; then call Grown
	Values []tables.Value // room for the values of a row

	to      Target
	out     io.Writer
	gz      io.WriteCloser
	release func()
	control *http.ResponseController
	started bool
}

// Target is what a sink needs to know of the answer whose body it takes.
type Target struct {
	Request     *http.Request
	Response    http.ResponseWriter
	Header      Header
	Body        io.Writer // of the response
	Status      int
	ContentType []string
	Stall       time.Duration // how long one write may take
}

// Header sets the headers of an answer, before its first bytes leave.
type Header interface{ SetHeader() }

// NewSink returns a sink that holds bytes in buf, and values in values.
func NewSink(to Target, buf []byte, values []tables.Value) *Sink {
	return &Sink{Buf: buf, Values: values, to: to, control: http.NewResponseController(to.Response)}
}

// Started reports whether something has left the sink: then it is too late for a problem.
func (s *Sink) Started() bool { return s.started }

// Grown writes what is held once it is much.
func (s *Sink) Grown() error {
	if len(s.Buf) < sinkSize {
		return nil
	}
	return s.flush()
}

// Write implements io.Writer for encoders that want one.
func (s *Sink) Write(b []byte) (int, error) {
	s.Buf = append(s.Buf, b...)
	return len(b), s.Grown()
}

func (s *Sink) flush() error {
	if !s.started {
		s.begin(AcceptsGzip(s.to.Request.Header) && s.to.ContentType[0] != TypeParquet[0])
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(s.to.Stall)) // a writer without deadlines has none to extend
	_, err := s.out.Write(s.Buf)
	s.Buf = s.Buf[:0]
	return err
}

// begin writes the headers.
func (s *Sink) begin(compress bool) {
	s.started = true
	s.to.Header.SetHeader()
	s.out = s.to.Body
	if compress {
		s.to.Response.Header()["Content-Encoding"] = encodingGzip
		s.gz, s.release = compressor(s.out)
		s.out = s.gz
	}
	s.to.Response.WriteHeader(s.to.Status)
}

// Take runs what writes the body, and writes what it leaves.
func (s *Sink) Take(body func(*Sink) error) error {
	err := body(s)
	if err == nil {
		err = s.end()
	}
	if s.release != nil {
		s.release()
	}
	return err
}

// end writes the rest. An answer that never left the sink gets its length.
func (s *Sink) end() error {
	if !s.started {
		if len(s.Buf) < MinCompressed || !AcceptsGzip(s.to.Request.Header) {
			s.to.Response.Header()["Content-Length"] = []string{strconv.Itoa(len(s.Buf))}
			s.begin(false)
		}
	}
	if err := s.flush(); err != nil || s.gz == nil {
		return err
	}
	return s.gz.Close()
}

// gone returns why the client no longer waits for the answer.
func (s *Sink) gone() error { return s.to.Request.Context().Err() }
