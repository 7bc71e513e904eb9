package api

import (
	"net/http"
	"slices"
)

// What pages of other origins may read of an answer, and send with a request.
const (
	exposed = "Accept-Ranges, Allow, Content-Disposition, Content-Range, ETag, Location, Retry-After, " +
		"Tidemark-Batch, Tidemark-Freshness, Tidemark-Position, Tidemark-Source, X-Request-Id"
	understood = "Accept, Authorization, Content-Type, If-None-Match, If-Range, Last-Event-ID, Range, " +
		"Tidemark-Min-Position, Tidemark-Min-Source, Tidemark-Wait, X-Request-Id"
)

// allowOrigin lets pages of the configured origins read the answer. It reports
// whether the request was a preflight, which has no other answer.
func (a *API) allowOrigin(c *call) (preflight bool) {
	origin := c.r.Header.Get("Origin")
	h := c.w.Header()
	all := slices.Contains(a.CORSOrigins, "*")
	if !all {
		h.Add("Vary", "Origin")
	}
	if origin == "" || !all && !slices.Contains(a.CORSOrigins, origin) {
		return false
	}
	if all {
		origin = "*"
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", exposed)
	if c.r.Method != http.MethodOptions || c.r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
	h.Set("Access-Control-Allow-Headers", understood)
	h.Set("Access-Control-Max-Age", "600")
	return true
}
