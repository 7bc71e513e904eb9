package api

import (
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// minCompressed is the smallest body worth the work of compressing it, in bytes.
const minCompressed = 4 << 10

var compressors = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is valid
	return z
}}

// acceptsGzip reports whether the client takes gzip.
func acceptsGzip(h http.Header) bool {
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

// writeCompressed writes a body that is complete.
func writeCompressed(c *call, ans *answer) error {
	c.w.Header()["Content-Encoding"] = encodingGzip
	c.w.WriteHeader(ans.status)
	z := compressors.Get().(*gzip.Writer)
	z.Reset(c.w)
	_, err := z.Write(ans.body)
	if err == nil {
		err = z.Close()
	}
	compressors.Put(z)
	c.cut = err != nil
	return nil
}

// compressor returns a pooled writer to w; release gives it back.
func compressor(w io.Writer) (z io.WriteCloser, release func()) {
	g := compressors.Get().(*gzip.Writer)
	g.Reset(w)
	return g, func() { g.Reset(io.Discard); compressors.Put(g) }
}
