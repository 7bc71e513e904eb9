package render

import (
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// MinCompressed is the smallest body worth the work of compressing it, in bytes.
const MinCompressed = 4 << 10

var compressors = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is valid
	return z
}}

// AcceptsGzip reports whether the client takes gzip.
func AcceptsGzip(h http.Header) bool {
	for _, line := range h["Accept-Encoding"] {
		for item := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(item, ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				q := strings.ReplaceAll(params, " ", "")
				return q != "q=0" && strings.Trim(strings.TrimPrefix(q, "q=0."), "0") != "" || q == ""
			}
		}
	}
	return false
}

var encodingGzip = []string{"gzip"}

// WriteCompressed writes a body that is complete, and its status before it.
func WriteCompressed(w http.ResponseWriter, status int, body []byte) error {
	w.Header()["Content-Encoding"] = encodingGzip
	w.WriteHeader(status)
	z := compressors.Get().(*gzip.Writer)
	z.Reset(w)
	_, err := z.Write(body)
	if err == nil {
		err = z.Close()
	}
	compressors.Put(z)
	return err
}

// compressor returns a pooled writer to w; release gives it back.
func compressor(w io.Writer) (z io.WriteCloser, release func()) {
	g := compressors.Get().(*gzip.Writer)
	g.Reset(w)
	return g, func() { g.Reset(io.Discard); compressors.Put(g) }
}
