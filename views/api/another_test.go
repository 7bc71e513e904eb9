package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
)

// TestReadsWaitUntilTheirAnswerIsAnother holds reads by If-None-Match and Tidemark-Wait while
// other rows change, and lets them go by a change of theirs.
func TestReadsWaitUntilTheirAnswerIsAnother(t *testing.T) {
	for name, path := range map[string]string{
		"a row": "/v1/tables/t/rows/7", "columns of a row": "/v1/tables/t/rows/7?select=v",
		"a list": "/v1/tables/t/rows?id=eq.7", "an aggregate": "/v1/tables/t/rows?select=v.max()&id=lt.8",
	} {
		l := numbers(t)
		l.feed = changes.New(tables.Position{302}, 1<<20)
		w := newWorld(t, nil, l)
		res, _ := w.do("GET", path, "")
		tag := "If-None-Match: " + res.Header.Get("ETag")
		if res, body := w.do("GET", path, "", tag, "Tidemark-Wait: 20ms"); res.StatusCode != 304 || body != "" {
			t.Errorf("%s, nothing happened: %s %s", name, res.Status, body)
		}
		done := make(chan *http.Response, 1)
		go func() {
			res, _ := w.do("GET", path, "", tag, "Tidemark-Wait: 25s")
			done <- res
		}()
		l.change(t, 303, 9, []any{9, "other", 1, nil})
		select {
		case res := <-done:
			// a list whose read came after the change of another row has another tag by then
			if res.StatusCode != 200 || name == "a row" || name == "columns of a row" {
				t.Errorf("%s: a change of another row: %s", name, res.Status)
			}
			continue
		case <-time.After(100 * time.Millisecond):
		}
		l.change(t, 304, 7, []any{7, "zz mine", 1, nil})
		select {
		case res := <-done:
			if res.StatusCode != 200 || res.Header.Get("ETag") == tag {
				t.Errorf("%s: %s %v", name, res.Status, res.Header)
			}
		case <-time.After(15 * time.Second):
			t.Fatalf("%s: the read still waits", name)
		}
	}
}
