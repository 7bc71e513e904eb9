package api_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/api/live"
)

// FuzzRequest asks that no path, parameter or body makes the API fail: each is
// answered, or refused as a mistake of the client.
func FuzzRequest(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for block := range strings.SplitSeq(string(text), "\n### ") {
			request, _, _ := strings.Cut(block, "\n--\n")
			top, body, _ := strings.Cut(request, "\n\n")
			if lines := strings.Split(top, "\n"); len(lines) > 1 {
				method, target, _ := strings.Cut(lines[1], " ")
				f.Add(method, target, body, "0:5", "lsn=1")
			}
		}
	}
	h, err := api.New(api.Options{Tables: []*live.Table{orders(f).api(), prices(f).api()}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, target, body, position, source string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || method != "GET" && method != "POST" {
			return // the server refuses it before us
		}
		r := httptest.NewRequest(method, "/", strings.NewReader(body))
		r.URL, r.RequestURI = u, target
		r.Header.Set("Tidemark-Min-Position", position)
		r.Header.Set("Tidemark-Min-Source", source)
		if strings.HasSuffix(u.Path, "/changes") { // a stream ends when its client goes away
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			r = r.WithContext(ctx)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
	})
}
