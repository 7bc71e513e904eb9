package guard

import (
	"crypto/rand"
	"net/http"
)

// RequestID returns the client's X-Request-Id when it is fit for a log, else a new one.
func RequestID(r *http.Request) string {
	const most = 64
	if id := r.Header.Get("X-Request-Id"); id != "" && len(id) <= most && plain(id) {
		return id
	}
	return rand.Text()
}

func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' && c != ':' {
			return false
		}
	}
	return true
}
