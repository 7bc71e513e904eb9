// Package wire sends HTTP requests over plain keep-alive connections and reads the
// answers without net/http, so that most of what is measured is the server.
package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// Load is what a server is asked for.
type Load struct {
	Addr        string // host:port
	Connections int
	Time        time.Duration
	// Path appends the path of a connection's n-th request.
	Path func(dst []byte, connection, n int) []byte
	// Missing takes 404 for an answer, too: the row was there once.
	Missing bool
}

// Rate is what a server has answered.
type Rate struct {
	Requests  int
	PerSecond float64
	P50, P99  time.Duration // from writing a request until its answer is read
}

// Run asks for one answer after the other on every connection. Every answer has to be
// 200, or 404 with Missing, and to have a Content-Length.
func (l Load) Run() (Rate, error) {
	var all sync.WaitGroup
	took, errs := make([][]time.Duration, l.Connections), make([]error, l.Connections)
	began := time.Now()
	for i := range l.Connections {
		all.Go(func() { took[i], errs[i] = l.connection(i, began.Add(l.Time)) })
	}
	all.Wait()
	spent := time.Since(began)
	if err := errors.Join(errs...); err != nil {
		return Rate{}, err
	}
	every := slices.Concat(took...)
	if len(every) == 0 {
		return Rate{}, errors.New("no request was answered")
	}
	slices.Sort(every)
	return Rate{
		Requests: len(every), PerSecond: float64(len(every)) / spent.Seconds(), P50: every[len(every)/2], P99: every[len(every)*99/100],
	}, nil
}

func (l Load) connection(id int, until time.Time) ([]time.Duration, error) {
	c, err := net.Dial("tcp", l.Addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	in := bufio.NewReaderSize(c, 64<<10)
	request := make([]byte, 0, 512)
	var took []time.Duration
	for n, began := 0, time.Now(); began.Before(until); n++ {
		request = l.Path(append(request[:0], "GET "...), id, n)
		request = append(request, " HTTP/1.1\r\nHost: bench\r\n\r\n"...)
		if _, err := c.Write(request); err != nil {
			return nil, err
		}
		if err := answer(in, l.Missing); err != nil {
			return nil, err
		}
		now := time.Now()
		took, began = append(took, now.Sub(began)), now
	}
	return took, nil
}

var (
	headEnd  = []byte("\r\n\r\n")
	statusOK = []byte("HTTP/1.1 200")

	statusMissing = []byte("HTTP/1.1 404")

	lengthName = []byte("\r\nContent-Length: ")
)

// answer reads one answer. It looks at the head as a whole, so that it costs the same
// for few headers and for many.
func answer(in *bufio.Reader, missing bool) error {
	var head []byte
	end := -1
	for n := 1; end < 0; n = len(head) + 1 {
		if _, err := in.Peek(n); err != nil {
			return err
		}
		head, _ = in.Peek(in.Buffered()) // all of it is there
		end = bytes.Index(head, headEnd)
	}
	if !bytes.HasPrefix(head, statusOK) && !(missing && bytes.HasPrefix(head, statusMissing)) {
		return fmt.Errorf("answer %q", head[:end])
	}
	at := bytes.Index(head[:end], lengthName)
	if at < 0 {
		return errors.New("an answer without Content-Length")
	}
	length := 0
	for _, c := range head[at+len(lengthName) : end] {
		if c < '0' || c > '9' {
			break
		}
		length = length*10 + int(c-'0')
	}
	_, err := in.Discard(end + len(headEnd) + length)
	return err
}
