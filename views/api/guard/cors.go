package guard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// What pages of other origins may read of an answer, and send with a request.
const (
	exposed = "Accept-Ranges, Allow, Content-Disposition, Content-Range, ETag, Location, Retry-After, " +
		"Tidemark-Batch, Tidemark-Freshness, Tidemark-Position, Tidemark-Source, X-Request-Id"
	understood = "Accept, Authorization, Content-Type, If-None-Match, If-Range, Last-Event-ID, Range, " +
		"Tidemark-Min-Position, Tidemark-Min-Source, Tidemark-Wait, X-Request-Id"
)

// Origins are the origins whose pages may read answers, such as https://shop.example, or *.
type Origins []string

// Validate reports the first that is none.
func (o Origins) Validate() error {
	for _, origin := range o {
		if u, err := url.Parse(origin); origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Path != "") {
			return fmt.Errorf("CORS origin %q: write * or an origin such as https://shop.example", origin)
		}
	}
	return nil
}

// Allow lets pages of the origins read the answer whose headers are h. It reports
// whether the request was a preflight, which has no other answer.
func (o Origins) Allow(h http.Header, r *http.Request) (preflight bool) {
	origin := r.Header.Get("Origin")
	all := slices.Contains(o, "*")
	if !all {
		h.Add("Vary", "Origin")
	}
	if origin == "" || !all && !slices.Contains(o, origin) {
		return false
	}
	if all {
		origin = "*"
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", exposed)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
	h.Set("Access-Control-Allow-Headers", understood)
	h.Set("Access-Control-Max-Age", "600")
	return true
}
